#include "app/beyond_recipe.h"

#include <fmt/format.h>

#include "app/study_recipe_keys.h"
#include "base/quote.h"

namespace lowtide::app {
namespace {

Result<plan::Machine> machine_of(const std::string& text) {
  const auto machine = read_word<plan::Machine>(text);
  if (machine) return *machine;
  return fail(ErrorKind::malformed, in_quotes(text) + " is no state of a machine", {},
              "stays-on, held, released");
}

std::optional<Duration> read_length(TomlReader& reader, std::string_view key) {
  const auto text = reader.text(key);
  return text ? take(reader, key, parse_duration(*text)) : std::nullopt;
}

// A number that is not below zero.
double read_amount(TomlReader& reader, std::string_view key) {
  const double value = reader.number(key).value_or(0);
  if (value < 0) reader.refuse(key, fmt::format("{} is zero or more", key));
  return value;
}

Result<BeyondRecipe> read_plan_by_plan(const toml::table& table, const std::string& path) {
  TomlReader reader(table, path, "[beyond]");
  BeyondRecipe out;
  out.where = reader.where();
  out.starts = reader.text("starts").value_or("");
  if (reader.has("jobs")) out.jobs = reader.list("jobs");
  if (reader.has("windows")) out.windows = reader.list("windows");
  out.machines = {plan::Machine::stays_on};
  if (reader.has("machines")) {
    out.machines = read_list<plan::Machine>(reader, "machines", machine_of);
  }
  out.resume = read_length(reader, "resume").value_or(Duration{});
  out.restore = read_length(reader, "restore").value_or(Duration{});
  out.idle_share = read_amount(reader, "idle_pct") / 100;
  if (out.idle_share > 1) reader.refuse("idle_pct", "idle_pct is at most 100, of the mean power");
  out.hold_per_gpu_hour = grams(read_amount(reader, "hold_g_per_gpu_hour"));
  if (reader.has("price_per_gpu_hour")) {
    out.price_per_gpu_hour = read_amount(reader, "price_per_gpu_hour");
  }
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  return out;
}

// Evenly, or so many a day at random.
void read_arrivals(TomlReader& reader, study::FleetAsk& ask) {
  constexpr double kMostADay = 288;
  const auto every = read_length(reader, "every");
  const auto a_day = reader.number("per_day");
  if (reader.has("every") == reader.has("per_day")) {
    reader.refuse("every", "jobs arrive every so often, or per_day at random: one of both");
  }
  if (every && (*every < kSlot || *every % kSlot != Duration{})) {
    reader.refuse("every", "every is a whole number of 5 minutes");
  }
  if (a_day && !(*a_day > 0 && *a_day <= kMostADay)) {
    reader.refuse("per_day", fmt::format("per_day is above 0 and up to {:g}", kMostADay));
  }
  ask.every = every.value_or(Duration{});
  ask.a_day = a_day.value_or(0);
  if (reader.has("seed")) ask.seed = static_cast<std::uint64_t>(read_amount(reader, "seed"));
}

Result<FleetRecipe> read_fleet(const toml::table& table, const std::string& path) {
  constexpr int kMostMachines = 10'000;
  TomlReader reader(table, path, "[fleet]");
  FleetRecipe out;
  out.where = reader.where();
  if (reader.has("jobs")) out.jobs = reader.list("jobs");
  for (const int machines : read_list<int>(reader, "machines", [](const std::string& text) {
         return whole_in(text, 1, kMostMachines);
       })) {
    out.ask.machines.push_back(static_cast<std::size_t>(machines));
  }
  if (!reader.has("machines")) reader.refuse("machines", "machines is a list such as [1, 2, 4]");
  read_arrivals(reader, out.ask);
  const auto window = reader.text("window");
  if (!window) reader.refuse("window", "window is how long after its length a job may end: 24h");
  if (window) out.ask.window = take(reader, "window", window_of(*window)).value_or(out.ask.window);
  out.ask.resume = read_length(reader, "resume").value_or(Duration{});
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  return out;
}

// [key], where there is one, by `read`.
template <typename T, typename Read>
Result<void> read_one(TomlReader& above, std::string_view key, const std::string& path,
                      std::optional<T>& into, Read read) {
  const toml::table* table = above.table(key);
  if (table == nullptr) return {};
  auto one = read(*table, path);
  if (!one) return tl::unexpected(one.error());
  into = std::move(*one);
  return {};
}

}  // namespace

Result<void> read_beyond(TomlReader& above, const std::string& path, StudyRecipe& into) {
  auto read = read_one(above, "beyond", path, into.beyond, read_plan_by_plan);
  if (read) read = read_one(above, "fleet", path, into.fleet, read_fleet);
  return read;
}

}  // namespace lowtide::app
