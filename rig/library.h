// The state behind the fake library's C functions: the script in force, the count of each call,
// and what must happen before a function may answer (delay, hang, scripted failure, lost GPU).
// One per process; every member is safe from any thread, and sleeps outside its lock.
#ifndef LOWTIDE_RIG_LIBRARY_H_
#define LOWTIDE_RIG_LIBRARY_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "nvml_abi.h"
#include "script.h"

#define RIG_EXPORT extern "C" __attribute__((visibility("default")))

namespace lowtide::rig {

// One call of one function, as the body of that function sees it.
struct Call {
  std::shared_ptr<Script> script;
  const Device* device = nullptr;  // null in calls without a device
  unsigned index = 0;
  const Part* part = nullptr;  // the MIG instance that the handle is of; null: the whole device
  double now = 0;              // boot time, read after the scripted delay
  std::optional<double> start = {};  // boot time of curve time 0
  double value = 0;                  // what the log keeps
};

// The answer of a call that gives one number.
inline nvmlReturn_t put(Call& call, unsigned value, unsigned* out) {
  if (out == nullptr) return NVML_ERROR_INVALID_ARGUMENT;
  *out = value;
  call.value = value;
  return NVML_SUCCESS;
}

using Body = std::function<nvmlReturn_t(Call&)>;

class Library {
 public:
  static Library& instance();

  nvmlReturn_t init(const char* function);
  nvmlReturn_t shutdown();
  nvmlReturn_t call(const char* function, const Body& body);
  nvmlReturn_t call(const char* function, nvmlDevice_t handle, const Body& body);

  // `again`: of a device that was lost and came back; its handle from before stays dead.
  // `part`: 0 the device, N its MIG instance N.
  static nvmlDevice_t handle_of(unsigned index, bool again, unsigned part = 0);

 private:
  std::shared_ptr<Script> script();
  nvmlReturn_t load();
  // Sleeps, hangs or fails as the script says; the scripted code, or success.
  nvmlReturn_t admit(const char* function, Script& script, double delay_s);
  void log(const char* function, const Call& call, nvmlReturn_t answer);

  std::mutex mutex_;  // guards all below
  int users_ = 0;
  std::shared_ptr<Script> script_;
  std::map<std::string, long> counts_;
};

}  // namespace lowtide::rig

#endif  // LOWTIDE_RIG_LIBRARY_H_
