#include "record/doors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace lowtide::record {
namespace {

constexpr int kMostSaid = 10;

// On a scaled clock (host/clock.h) a second of UTC is a small part of one of the device's. Power is
// told for a second of UTC, so that power x time is the energy that was read.
ChannelInfo on_clock(ChannelInfo info, double scale) {
  if (scale == 1) return info;
  if (info.idle_power) *info.idle_power *= 1 / scale;
  if (info.limit) *info.limit *= 1 / scale;
  for (ErrorTerm& term : info.errors) {
    term.low_power *= 1 / scale;
    term.high_power *= 1 / scale;
    term.window = host::scaled(term.window, scale);
  }
  return info;
}

}  // namespace

void Doors::open(std::vector<DoorSpec> specs, const std::vector<ChannelInfo>& known,
                 const std::string& saved) {
  channels_ = known;
  claimed_.assign(known.size(), false);
  const auto by_door = nlohmann::json::parse(saved.empty() ? "{}" : saved, nullptr, false);
  for (DoorSpec& spec : specs) {
    std::string mine;
    if (by_door.is_object() && by_door.contains(spec.name) && by_door[spec.name].is_string()) {
      mine = by_door[spec.name];
    }
    doors_.push_back(Door{
        Reader(spec.name, std::move(spec.open), mine, wake_fd_), spec.before_job, {}, {}, mine});
  }
}

void Doors::ask(Door& door) const {
  if (interval_) {
    door.reader.request({anchor_, *interval_}, next_question_);
  } else {
    door.reader.request();
  }
}

void Doors::request() {
  interval_.reset();
  for (Door& door : doors_) {
    if (!door.reader.opening()) ask(door);
  }
}

void Doors::request(Duration interval, BootTime next) {
  interval_ = interval;
  next_question_ = next;
  for (Door& door : doors_) {
    if (!door.reader.opening()) ask(door);
  }
}

void Doors::number_channels(Door& door, const std::vector<ChannelInfo>& found, Arrivals& into) {
  for (const ChannelInfo& real : found) {
    const ChannelInfo info = on_clock(real, anchor_.scale);
    std::size_t number = channels_.size();
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      if (!claimed_[i] && channels_[i].uuid == info.uuid && channels_[i].kind == info.kind) {
        number = i;
        break;
      }
    }
    if (number == channels_.size()) {
      channels_.push_back(info);
      claimed_.push_back(true);
    } else {
      claimed_[number] = true;
      channels_[number] = info;
    }
    into.channels.emplace_back(number, info);
    door.numbers.push_back(number);
  }
}

void Doors::note_trouble(const std::string& what, const Error& error, Utc now, Arrivals& into) {
  if (!in_trouble_.insert(what).second) return;
  const int times = ++said_[what];
  if (times > kMostSaid) return;
  const bool denied = error.kind == ErrorKind::denied;
  into.events.push_back({now, denied ? "sensor-denied" : "sensor-trouble",
                         what + ": " + error.line() +
                             (times == kMostSaid ? " (further trouble with it is not told)" : "")});
}

void Doors::note_troubles(const Door& door, const std::vector<sense::Trouble>& troubles, Utc now,
                          Arrivals& into) {
  for (const sense::Trouble& trouble : troubles) {
    const bool known = trouble.channel < door.numbers.size();
    note_trouble(known ? channels_[door.numbers[trouble.channel]].id : door.reader.door(),
                 trouble.error, now, into);
  }
}

ChannelReading Doors::in_utc(const Door& door, const sense::Reading& reading) const {
  return {door.numbers.at(reading.channel),
          {anchor_.at(reading.span.begin), anchor_.at(reading.span.end)},
          reading.energy,
          reading.min / anchor_.scale,
          reading.max / anchor_.scale,
          reading.quality};
}

void Doors::take_from(Door& door, Utc now, Arrivals& into) {
  Delivery sent = door.reader.take();
  if (sent.channels) {
    number_channels(door, *sent.channels, into);
    ask(door);  // sets its mark
  }
  // Nothing there is normal; a door that is shut for another reason is worth a word.
  if (sent.closed && sent.closed->kind != ErrorKind::absent) {
    note_trouble(door.reader.door(), *sent.closed, now, into);
  }
  for (const sense::Reading& reading : sent.readings) {
    into.readings.push_back(in_utc(door, reading));
    in_trouble_.erase(channels_[door.numbers[reading.channel]].id);
  }
  note_troubles(door, sent.troubles, now, into);
  take_gpus(door, sent, into);
  if (!sent.readings.empty() || !sent.tail.empty()) door.tail = std::move(sent.tail);
  if (!sent.saved.empty()) door.saved = std::move(sent.saved);
}

// What only GPUs tell.
void Doors::take_gpus(const Door& door, Delivery& sent, Arrivals& into) const {
  for (sense::Holders& holders : sent.holders) {
    holders.channel = door.numbers.at(holders.channel);
    into.holders.push_back(std::move(holders));
  }
  for (sense::Busy& busy : sent.busy) {
    busy.channel = door.numbers.at(busy.channel);
    into.busy.push_back(std::move(busy));
  }
  for (const sense::Second& second : sent.second) {
    into.second.push_back({door.numbers.at(second.channel),
                           {anchor_.at(second.span.begin), anchor_.at(second.span.end)},
                           second.path});
  }
}

Arrivals Doors::take(Utc now) {
  Arrivals all;
  for (Door& door : doors_) take_from(door, now, all);
  return all;
}

bool Doors::all_idle() const {
  return std::all_of(doors_.begin(), doors_.end(),
                     [](const Door& door) { return door.reader.idle(); });
}

bool Doors::early_idle() const {
  return std::all_of(doors_.begin(), doors_.end(),
                     [](const Door& door) { return !door.before_job || door.reader.idle(); });
}

std::vector<std::string> Doors::late() const {
  std::vector<std::string> names;
  for (const Door& door : doors_) {
    if (!door.reader.idle()) names.push_back(door.reader.door());
  }
  return names;
}

std::vector<ChannelReading> Doors::tails() const {
  std::vector<ChannelReading> all;
  for (const Door& door : doors_) {
    for (const sense::Reading& reading : door.tail) all.push_back(in_utc(door, reading));
  }
  return all;
}

std::string Doors::saved() const {
  nlohmann::json by_door = nlohmann::json::object();
  for (const Door& door : doors_) {
    if (!door.saved.empty()) by_door[door.reader.door()] = door.saved;
  }
  return by_door.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace lowtide::record
