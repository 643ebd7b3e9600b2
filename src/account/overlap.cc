#include "account/overlap.h"

#include <algorithm>
#include <utility>

#include "series/merge_lives.h"

namespace lowtide::account {
namespace {

// Less than this part of a charge is rounding.
constexpr double kRounding = 1e-9;

// Something that a run holds of a device for a time.
struct Use {
  std::size_t report = 0;
  const ChannelCharge* channel = nullptr;
  const ChargePiece* piece = nullptr;  // null: held, whether read or not
  Interval span;
};

// The same physical device has the same key: an NVIDIA UUID says which in all the world, any other
// name only which of its host.
using DeviceKey = std::pair<std::string, std::string>;
DeviceKey key_of(const Report& report, const ChannelInfo& info) {
  const bool everywhere = info.uuid.starts_with("GPU-");
  return {everywhere ? std::string() : host_of(report.run, info.machine), info.uuid};
}

// Calls `visit(stretch, uses)` for each stretch of time in which the same uses, at least two, last;
// they come in the order of their reports.
template <typename Visit>
void sweep(std::vector<Use> uses, Visit visit) {
  std::vector<Utc> edges;
  for (const Use& use : uses) edges.insert(edges.end(), {use.span.begin, use.span.end});
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::sort(uses.begin(), uses.end(),
            [](const Use& a, const Use& b) { return a.span.begin < b.span.begin; });
  std::vector<Use> active;
  std::size_t next = 0;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const Interval stretch{edges[i - 1], edges[i]};
    std::erase_if(active, [&](const Use& use) { return use.span.end <= stretch.begin; });
    while (next < uses.size() && uses[next].span.begin <= stretch.begin) {
      active.push_back(uses[next++]);
    }
    std::sort(active.begin(), active.end(),
              [](const Use& a, const Use& b) { return a.report < b.report; });
    if (active.size() > 1) visit(stretch, active);
  }
}

double part_of(Interval stretch, Interval whole) {
  return as_seconds(stretch.length()) / as_seconds(whole.length());
}

// What a device used over a stretch and nobody has been charged yet.
struct Left {
  Energy dynamic;
  Energy idle;
  Energy all;

  Left(Interval stretch, const std::vector<Use>& uses) {
    for (const Use& use : uses) {
      const double part = part_of(stretch, use.span);
      const Energy resting = (use.piece->idle_charged + use.piece->idle_not_charged) * part;
      const Energy device = use.piece->device * part;
      dynamic = std::max(dynamic, device - resting);
      idle = std::max(idle, resting);
      all = std::max(all, device);
    }
  }

  Energy take(Energy job, Energy resting) {
    const Energy granted = std::min(std::min(job, dynamic) + std::min(resting, idle), all);
    dynamic -= std::min(job, dynamic);
    idle -= std::min(resting, idle);
    all -= granted;
    return granted;
  }
};

Carbon carbon_of(const Report& report, Interval span, Energy energy) {
  const auto& slots = report.slots;
  auto slot = std::partition_point(slots.begin(), slots.end(), [&](const SlotReport& candidate) {
    return candidate.span.end <= span.begin;
  });
  Carbon sum;
  for (; slot != slots.end() && slot->span.begin < span.end; ++slot) {
    if (!slot->intensity) continue;
    const double part = part_of(slot->span.meet(span), span) * report.energy.pue.value_or(1.0);
    sum += energy * part * *slot->intensity;
  }
  return sum;
}

// M of a channel's device over a part of the time that the run held it.
Carbon made_of(const Report& report, const std::string& channel, Duration part) {
  for (const EmbodiedItem& item : report.embodied.items) {
    if (item.origin != channel) continue;
    return item.value * (as_seconds(part) / as_seconds(item.held));
  }
  return {};
}

// What a run asks for of a stretch in which others used the device too.
struct Asked {
  Energy job;
  Energy resting;
};

// `beside` is how long others of the list used the device within the piece: the time in which a GPU
// was shared is taken to lie there first.
Asked ask(const ChargePiece& piece, Duration beside, Interval stretch) {
  const double part = part_of(stretch, piece.span);
  if (!piece.sharing) return {piece.job * part, piece.idle_charged * part};
  const Sharing& sharing = *piece.sharing;
  const double length = as_seconds(stretch.length());
  const double shared = length / as_seconds(std::max(beside, sharing.length));
  Energy sole;
  if (beside > sharing.length) {
    const Duration alone = piece.span.length() - sharing.length;
    sole = sharing.sole * (as_seconds(beside - sharing.length) / as_seconds(alone)) *
           (length / as_seconds(beside));
  }
  return {(piece.job - sharing.sole) * shared + sole, piece.idle_charged * shared};
}

class Finder {
 public:
  explicit Finder(std::span<const Report* const> reports)
      : reports_(reports), found_(reports.size()), by_channel_(reports.size()) {
    for (std::size_t i = 0; i < reports.size(); ++i) note(i);
  }

  std::vector<Excess> find() {
    for (const auto& [device, uses] : charged_) {
      std::map<const ChargePiece*, Duration> beside;
      sweep(uses, [&](Interval stretch, const std::vector<Use>& active) {
        for (const Use& use : active) beside[use.piece] += stretch.length();
      });
      sweep(uses, [&](Interval stretch, const std::vector<Use>& active) {
        share_out(stretch, active, beside);
      });
    }
    for (const auto& [device, uses] : held_) {
      sweep(uses, [this](Interval stretch, const std::vector<Use>& active) {
        for (std::size_t i = 1; i < active.size(); ++i) {
          const std::size_t number = active[i].report;
          found_[number].embodied +=
              made_of(*reports_[number], active[i].channel->info.id, stretch.length());
        }
      });
    }
    for (std::size_t i = 0; i < reports_.size(); ++i) keep(i);
    return std::move(found_);
  }

 private:
  void note(std::size_t number) {
    const Report& report = *reports_[number];
    for (const ChannelCharge& channel : report.energy.channels) {
      if (!channel.info.in_total || channel.info.uuid.empty()) continue;
      const DeviceKey key = key_of(report, channel.info);
      for (const ChargePiece& piece : channel.pieces) {
        charged_[key].push_back({number, &channel, &piece, piece.span});
      }
      if (channel.info.kind == ChannelKind::gpu) note_held(number, channel, key);
    }
  }

  // For M of the device: the time for which the run held it.
  void note_held(std::size_t number, const ChannelCharge& channel, const DeviceKey& key) {
    const Report& report = *reports_[number];
    const bool made = report.carbon.total && report.run.options.embodied == "auto";
    if (!made || !report.run.begin || !report.duration) return;
    Interval whole{*report.run.begin, *report.run.begin + *report.duration};
    whole.end += not_counted(report.run);
    for (const Interval& held : rest_of(whole, channel.info.away)) {
      held_[key].push_back({number, &channel, nullptr, held});
    }
  }

  void share_out(Interval stretch, const std::vector<Use>& uses,
                 const std::map<const ChargePiece*, Duration>& beside) {
    Left left(stretch, uses);
    for (const Use& use : uses) {
      const ChargePiece& piece = *use.piece;
      const Asked wish = ask(piece, beside.at(&piece), stretch);
      const Energy asked = wish.job + wish.resting;
      const Energy more = asked - left.take(wish.job, wish.resting);
      if (more <= asked * kRounding) continue;
      Excess& excess = found_[use.report];
      excess.energy += more;
      if (piece.is_modelled()) excess.modelled += more;
      excess.operational += carbon_of(*reports_[use.report], stretch, more);
      by_channel_[use.report][use.channel] += more;
    }
  }

  void keep(std::size_t number) {
    const Report& report = *reports_[number];
    Excess& excess = found_[number];
    for (const auto& [channel, more] : by_channel_[number]) {
      excess.kept[channel->info.id] = 1 - more / channel->charged;
    }
    if (excess.energy > Energy{}) excess.kept["pue"] = 1 - excess.energy / *report.energy.it;
    if (excess.operational > Carbon{}) {
      excess.kept["intensity"] = 1 - excess.operational / *report.carbon.operational;
    }
    if (excess.embodied > Carbon{}) {
      excess.kept["embodied"] = 1 - excess.embodied / *report.carbon.embodied;
    }
  }

  std::span<const Report* const> reports_;
  std::vector<Excess> found_;
  std::vector<std::map<const ChannelCharge*, Energy>> by_channel_;
  std::map<DeviceKey, std::vector<Use>> charged_;
  std::map<DeviceKey, std::vector<Use>> held_;
};

}  // namespace

std::vector<Excess> find_excess(std::span<const Report* const> reports) {
  return Finder(reports).find();
}

}  // namespace lowtide::account
