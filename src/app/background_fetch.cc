#include "app/background_fetch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "app/asking.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "app/values.h"
#include "grid/kept_provider.h"
#include "grid/kept_series.h"
#include "grid/metadata.h"
#include "grid/sources.h"
#include "host/clock.h"
#include "host/detached.h"
#include "host/proc.h"

namespace lowtide::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr int kPipe = 3;                    // of the process, as host/detached.h gives it
constexpr int kNice = 10;                   // the job comes first
constexpr Duration kServes = hours(24);     // an answer, for another run
constexpr Duration kNoForecast = hours(1);  // one that says nothing of now
constexpr Duration kRests = minutes(5);     // after a failure
constexpr Duration kAsks = minutes(2);      // at most, until it has an answer
constexpr Duration kAgain = hours(1);       // while a run goes on
constexpr Duration kAhead = hours(24);
constexpr const char* kAsking = "asking";

// Whether what is kept does not serve a run that begins now.
bool is_needed(grid::KeptSeries* kept, const std::string& provider, const grid::Place& place,
               Signal signal, Utc now) {
  if (kept == nullptr) return true;
  const auto asked = kept->noted(grid::asked_note(provider, place.zone, signal));
  if (!asked || !*asked) return true;
  const Duration age = now - (*asked)->at;
  if ((*asked)->value == kAsking) return age > kAsks;  // another run's process is at it
  if ((*asked)->value != "ok") return age > kRests;
  if (age <= kNoForecast) return false;
  if (age > kServes) return true;
  IntensityUsed base;
  base.zone = place.zone;
  base.signal = signal;
  const Interval soon{now, now + kSlot};
  grid::KeptWish wish{cache_path()};
  wish.place = grid::place_key(place);
  const auto used = grid::open_kept(provider, wish, base)->fetch(soon);
  return !used || used->series.covered(soon) < soon.length();
}

// Providers that serve the zone's signal, and whether one of them is to be asked at once.
struct Wanted {
  std::string providers;
  bool at_once = false;
};

Wanted wanted_of(grid::KeptSeries* kept, Settings& settings, const grid::Place& place,
                 Signal signal, Utc now) {
  Wanted wanted;
  const auto spec = sources_of(settings, place.zone, signal);
  if (!spec) return wanted;
  for (const std::string& provider : grid::providers_in(*spec)) {
    const grid::ClientKind& kind = *grid::find_client(provider);
    if (!(signal == Signal::average ? kind.average : kind.marginal)) continue;
    wanted.providers += (wanted.providers.empty() ? "" : ",") + provider;
    wanted.at_once = wanted.at_once || is_needed(kept, provider, place, signal, now);
  }
  return wanted;
}

std::string place_note() { return "place " + host::boot_id(); }

// The cloud whose metadata service is to be asked; empty: nobody.
std::string cloud_to_ask(grid::KeptSeries* kept, const grid::Place& place, Utc now) {
  if (!place.assumed) return {};
  const auto cloud =
      grid::cloud_of(host::MachineFiles(environment("LOWTIDE_SYSROOT").value_or("")));
  if (!cloud) return {};
  const auto note = kept == nullptr ? Result<std::optional<grid::KeptSeries::Note>>(std::nullopt)
                                    : kept->noted(place_note());
  const bool rests = note && *note && now - (*note)->at < kRests;
  return rests ? std::string() : *cloud;
}

// The end of a pipe that tells when its first round is done; none where nothing could be started.
host::UniqueFd begin(std::vector<std::string> argv, Duration delay) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return {};
  host::UniqueFd read_end(ends[0]);
  const host::UniqueFd write_end(ends[1]);
  const bool started = host::start_detached({std::move(argv), write_end.get(), kNice, delay});
  return started ? std::move(read_end) : host::UniqueFd();
}

bool is_offline(Settings& settings) {
  return settings.get<bool>("offline", false, parse_bool).value_or(false) || cache_path().empty();
}

}  // namespace

BackgroundFetch BackgroundFetch::start(const RunRequest& request, Settings& settings) {
  BackgroundFetch fetch;
  if (is_offline(settings)) return fetch;
  const Utc now = host::SystemClock().utc();
  auto opened = grid::KeptSeries::open_to_read(cache_path());
  grid::KeptSeries* kept = opened ? &*opened : nullptr;
  const Wanted average = wanted_of(kept, settings, request.place, Signal::average, now);
  const Wanted marginal = wanted_of(kept, settings, request.place, Signal::marginal, now);
  const std::string cloud = cloud_to_ask(kept, request.place, now);
  if (average.providers.empty() && marginal.providers.empty() && cloud.empty()) return fetch;
  const bool at_once = average.at_once || marginal.at_once || !cloud.empty();
  auto told = begin({"/proc/self/exe", "fetch-for-run", std::to_string(getpid()),
                     grid::place_key(request.place), average.providers, marginal.providers, cloud},
                    at_once ? Duration{} : kAgain);
  if (at_once) fetch.done_ = std::move(told);
  return fetch;
}

void BackgroundFetch::wait(Duration at_most) {
  if (!done_) return;
  pollfd wanted{done_.get(), POLLIN, 0};
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at_most).count();
  if (poll(&wanted, 1, static_cast<int>(ms)) > 0) done_.reset();
}

std::string kept_cloud_region() {
  auto kept = grid::KeptSeries::open_to_read(cache_path());
  if (!kept) return {};
  const auto note = kept->noted(place_note());
  return note && *note ? (*note)->value : std::string();
}

namespace {

struct Words {
  int pid = 0;
  std::int64_t start = 0;
  std::string place;
  std::string average;
  std::string marginal;
  std::string cloud;
};

grid::MetadataUrls metadata_urls(Settings& settings) {
  grid::MetadataUrls urls;
  for (const auto& [key, url] :
       {std::pair{"metadata.aws.url", &urls.aws}, std::pair{"metadata.azure.url", &urls.azure},
        std::pair{"metadata.gcp.url", &urls.gcp}}) {
    *url = settings.text(key, *url);
  }
  return urls;
}

// A place that the metadata service names is the one that is asked about.
void learn_place(Words& words, Settings& settings, grid::KeptSeries& kept) {
  if (words.cloud.empty()) return;
  host::HttpLimits limits;
  limits.connect = std::chrono::seconds(1);
  limits.whole = std::chrono::seconds(2);
  limits.proxy = false;
  const auto http = host::open_http(limits);
  const auto region = grid::region_by_metadata(words.cloud, metadata_urls(settings), *http);
  static_cast<void>(kept.note(place_note(), region.value_or(""), host::SystemClock().utc()));
  if (region) words.place = *region;
  words.cloud.clear();
}

void one_round(Words& words, Settings& settings, grid::KeptSeries& kept, Utc since) {
  learn_place(words, settings, kept);
  const auto place = grid::find_place(words.place, data_folder());
  if (!place) return;
  const Utc now = host::SystemClock().utc();
  // Once the run is over nothing is tried again.
  Asking asking(settings, kept, Asking::Patience::background,
                [&words](Duration d) { return host::wait_while_alive(words.pid, words.start, d); });
  for (const auto& [signal, list] :
       {std::pair{Signal::average, &words.average}, std::pair{Signal::marginal, &words.marginal}}) {
    for (const std::string& provider : grid::providers_in(*list)) {
      static_cast<void>(kept.note(grid::asked_note(provider, place->zone, signal), kAsking, now));
      static_cast<void>(asking.history(provider, *place, signal, {since, now}));
      static_cast<void>(asking.forecast(provider, *place, signal, {now, now + kAhead}));
    }
  }
}

}  // namespace

int fetch_for_run(const std::vector<std::string>& given) {
  if (given.size() != 5) return 2;
  Words words{0, 0, given[1], given[2], given[3], given[4]};
  std::from_chars(given[0].data(), given[0].data() + given[0].size(), words.pid);
  const auto start = host::process_stat(words.pid);
  const Utc since = slot_begin(host::SystemClock().utc());
  auto kept = grid::KeptSeries::open(cache_path());
  if (!kept || !start) return 0;
  words.start = start->start_ticks;
  while (true) {
    Settings settings = Settings::load(config_path());
    one_round(words, settings, *kept, since);
    close(kPipe);  // which tells who waits that the first round is done
    if (!host::wait_while_alive(words.pid, words.start, kAgain)) return 0;
  }
}

}  // namespace lowtide::app
