#include "study/issued.h"

#include <algorithm>
#include <memory>

namespace lowtide::study {

using forecast::kUnknown;

Issued::Issued(const IssueAsk& ask, const forecast::ForecasterKind& kind, const Seen& seen)
    : ask_(ask), every_(slots_of_hour(ask.past.step)) {
  const auto refit = static_cast<std::size_t>(ask.refit / ask.past.step);
  said_.reserve((ask.end - ask.first) / every_ * ask.ahead);
  std::unique_ptr<forecast::Fitted> fitted;
  for (std::size_t slot = ask.first; slot < ask.end; slot += every_) {
    const forecast::Past known = ask.past.first(slot);
    if ((slot - ask.first) % refit == 0) fitted = std::make_unique<forecast::Fitted>(kind, known);
    const forecast::Forecast said = fitted->predict(known, ask.ahead, ask.level);
    if (seen) seen(slot, said);
    said_.insert(said_.end(), said.point.begin(), said.point.end());
  }
}

Issued::Issued(const IssueAsk& ask) : ask_(ask), every_(slots_of_hour(ask.past.step)) {
  for (std::size_t slot = ask.first; slot < ask.end; slot += every_) {
    for (std::size_t i = slot; i < slot + ask.ahead; ++i) {
      said_.push_back(i < ask.past.size() ? ask.past.values[i] : kUnknown);
    }
  }
}

std::span<const Intensity> Issued::at(std::size_t slot) const {
  return std::span(said_).subspan((slot - ask_.first) / every_ * ask_.ahead, ask_.ahead);
}

double Issued::error(std::size_t slot, std::size_t lead) const {
  return as_grams_per_kwh(ask_.past.values[slot + lead] - at(slot)[lead]);
}

}  // namespace lowtide::study
