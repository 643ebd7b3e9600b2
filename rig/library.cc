#include "library.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "clock.h"

namespace lowtide::rig {
namespace {

[[noreturn]] void hang() {
  for (;;) pause();
}

constexpr uintptr_t kAgain = 1U << 16;
constexpr unsigned kPartShift = 17;

unsigned index_of(nvmlDevice_t handle) {
  return static_cast<unsigned>(reinterpret_cast<uintptr_t>(handle) & (kAgain - 1)) - 1;
}

unsigned part_of(nvmlDevice_t handle) {
  return static_cast<unsigned>(reinterpret_cast<uintptr_t>(handle) >> kPartShift);
}

bool is_again(nvmlDevice_t handle) { return (reinterpret_cast<uintptr_t>(handle) & kAgain) != 0; }

}  // namespace

Library& Library::instance() {
  // Never destroyed: a thread may still hang in a call while the process exits.
  static auto* const library = new Library;  // NOLINT(cppcoreguidelines-owning-memory)
  return *library;
}

nvmlDevice_t Library::handle_of(unsigned index, bool again, unsigned part) {
  // An opaque word, never followed: it stays good over shutdown and init.
  const uintptr_t word = (static_cast<uintptr_t>(part) << kPartShift) + index + 1;
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  return reinterpret_cast<nvmlDevice_t>(word | (again ? kAgain : 0));
}

std::shared_ptr<Script> Library::script() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return users_ > 0 ? script_ : nullptr;
}

nvmlReturn_t Library::load() {
  const char* path = std::getenv("LOWTIDE_RIG");
  if (path == nullptr) return NVML_ERROR_DRIVER_NOT_LOADED;
  std::ifstream file(path);
  std::string error = "cannot open it";
  auto parsed = file ? parse_script(file, &error) : std::nullopt;
  if (!parsed) {
    std::fprintf(stderr, "rig: %s: %s\n", path, error.c_str());
    return NVML_ERROR_UNKNOWN;
  }
  script_ = std::make_shared<Script>(std::move(*parsed));
  return NVML_SUCCESS;
}

nvmlReturn_t Library::init(const char* function) {
  std::shared_ptr<Script> current;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (users_ == 0) {
      counts_.clear();
      const nvmlReturn_t loaded = load();
      if (loaded != NVML_SUCCESS) return loaded;
    }
    current = script_;
  }
  const nvmlReturn_t admitted = admit(function, *current, 0);
  Call call{.script = current, .now = boot_seconds()};
  log(function, call, admitted);
  if (admitted != NVML_SUCCESS) return admitted;
  const std::lock_guard<std::mutex> lock(mutex_);
  ++users_;
  return NVML_SUCCESS;
}

nvmlReturn_t Library::shutdown() {
  return call("nvmlShutdown", [this](Call&) {
    const std::lock_guard<std::mutex> lock(mutex_);
    --users_;
    return NVML_SUCCESS;
  });
}

nvmlReturn_t Library::admit(const char* function, Script& script, double delay_s) {
  bool hanging = false;
  nvmlReturn_t code = NVML_SUCCESS;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const long own = ++counts_[function];
    const long any = ++counts_["any"];
    for (const CallRule& rule : script.rules) {
      const long count = rule.function == "any" ? any : own;
      if (rule.function != "any" && rule.function != function) continue;
      if (count < rule.first || count > rule.last) continue;
      hanging = hanging || rule.hang;
      if (!rule.hang) code = rule.code;
    }
  }
  const auto start = script.origin.start_on_call();
  if (hanging || (start && boot_seconds() - *start >= script.hang_at_s)) hang();
  const double wait_s = script.delay_s + delay_s;
  if (wait_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>(wait_s));
  return code;
}

nvmlReturn_t Library::call(const char* function, const Body& body) {
  const auto current = script();
  if (!current) return NVML_ERROR_UNINITIALIZED;
  Call call{.script = current};
  nvmlReturn_t answer = admit(function, *current, 0);
  call.now = boot_seconds();
  if (answer == NVML_SUCCESS) answer = body(call);
  log(function, call, answer);
  return answer;
}

nvmlReturn_t Library::call(const char* function, nvmlDevice_t handle, const Body& body) {
  const auto current = script();
  if (!current) return NVML_ERROR_UNINITIALIZED;
  const unsigned index = index_of(handle);
  if (index >= current->devices.size()) return NVML_ERROR_INVALID_ARGUMENT;
  const Device& device = current->devices[index];
  const unsigned part = part_of(handle);
  if (part > device.parts.size()) return NVML_ERROR_INVALID_ARGUMENT;
  Call call{.script = current, .device = &device, .index = index};
  if (part > 0) call.part = &device.parts[part - 1];
  nvmlReturn_t answer = admit(function, *current, device.delay_s);
  call.start = current->origin.start();
  call.now = boot_seconds();
  if (answer == NVML_SUCCESS && device.failing(call.now, call.start)) answer = device.fail_code;
  const bool dead = device.back(call.now, call.start) != is_again(handle);
  if (dead || device.lost(call.now, call.start)) answer = NVML_ERROR_GPU_IS_LOST;
  if (answer == NVML_SUCCESS) answer = body(call);
  log(function, call, answer);
  return answer;
}

void Library::log(const char* function, const Call& call, nvmlReturn_t answer) {
  if (call.script->log_path.empty()) return;
  const int fd =
      open(call.script->log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  char line[256];
  const int length =
      std::snprintf(line, sizeof line, "%.6f %d %s %s %d %.3f\n", call.now, getpid(), function,
                    call.device ? call.device->uuid.c_str() : "-", answer, call.value);
  (void)!write(fd, line, static_cast<size_t>(length));
  close(fd);
}

}  // namespace lowtide::rig
