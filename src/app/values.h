// The values of settings and flags, read and checked. Each Error says what is allowed; the caller
// adds where the value stands.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "account/complete.h"
#include "base/quote.h"
#include "base/result.h"
#include "base/time.h"
#include "series/run.h"

namespace lowtide::app {

[[nodiscard]] Result<double> parse_number(const std::string& text);  // finite
[[nodiscard]] Result<bool> parse_bool(const std::string& text);
[[nodiscard]] Result<Duration> parse_interval(const std::string& text);  // 10 ms to a slot
[[nodiscard]] Result<Duration> parse_wait(const std::string& text);
[[nodiscard]] Result<std::optional<double>> parse_pue(const std::string& text);
[[nodiscard]] Result<std::string> parse_embodied(const std::string& text);
// run, hour, gpu-hour, or a count's name, with or without a number before it.
[[nodiscard]] Result<std::string> parse_per(const std::string& text);
// Only its form: which GPUs there are is known when the driver has answered.
[[nodiscard]] Result<std::string> parse_gpus(const std::string& text);
// Does this --gpus name devices, rather than all or none of them?
[[nodiscard]] bool names_gpus(const std::string& gpus);
[[nodiscard]] Result<std::pair<std::string, std::string>> parse_pair(const std::string& text,
                                                                     const char* option);
[[nodiscard]] Result<std::pair<std::string, double>> parse_count(const std::string& text);

// 13% or 8/60: above 0 and at most 100 %.
[[nodiscard]] Result<account::JobShare> parse_job_share(const std::string& text);

[[nodiscard]] Result<Signal> parse_signal(const std::string& text);
// Which signal heads, and whether the other is wanted beside it.
struct Signals {
  Signal headline = Signal::average;
  bool both = false;
};
[[nodiscard]] Result<Signals> parse_signals(const std::string& text);
[[nodiscard]] Result<Scope> parse_scope(const std::string& text);
// "256MB", "2 GB", "1048576": bytes, in powers of ten.
[[nodiscard]] Result<std::int64_t> parse_bytes(const std::string& text);
// The edition of the equivalents: a year, or none for the latest.
[[nodiscard]] Result<std::optional<int>> parse_equivalents(const std::string& text);
[[nodiscard]] Result<IdleRule> parse_idle(const std::string& text);

template <typename T>
[[nodiscard]] Result<T> one_of(const std::string& text,
                               std::initializer_list<std::pair<const char*, T>> choices) {
  std::string all;
  for (const auto& [word, value] : choices) {
    if (text == word) return value;
    all += all.empty() ? word : std::string(", ") + word;
  }
  return fail(ErrorKind::usage, in_quotes(text) + " is none of " + all);
}

}  // namespace lowtide::app
