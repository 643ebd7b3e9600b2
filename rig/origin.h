// When a script's curve time 0 was: a boot time written in the script, the time that a file holds
// (rig_job --t0 FILE writes it as its body starts), or the first call of the fake library.
//
//   t0 boot SECONDS | t0 file PATH | t0 first-call PATH
//
// `first-call` makes PATH, so that every process of a run, a meter that was started again
// included, agrees on it. Seconds of CLOCK_BOOTTIME. start() is safe from any thread.
#ifndef LOWTIDE_RIG_ORIGIN_H_
#define LOWTIDE_RIG_ORIGIN_H_

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace lowtide::rig {

class Origin {
 public:
  Origin() = default;
  // Words after `t0`; nothing when they are not an origin.
  static std::optional<Origin> parse(const std::vector<std::string>& words);

  Origin(const Origin& other);
  Origin& operator=(const Origin& other);
  ~Origin() = default;

  // Boot time of curve time 0; nothing while the file is not there yet.
  std::optional<double> start();

  // As start(); with `first-call`, makes the file now when it is missing.
  std::optional<double> start_on_call();

 private:
  std::optional<double> read_file() const;

  std::string path_;  // empty: known from the script
  bool on_first_call_ = false;
  std::optional<double> start_ = 0;
  std::mutex mutex_;  // guards start_
};

}  // namespace lowtide::rig

#endif  // LOWTIDE_RIG_ORIGIN_H_
