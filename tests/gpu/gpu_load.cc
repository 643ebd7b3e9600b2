// A load of known times on a real NVIDIA GPU, through the driver's own library (no toolkit needed):
// every core multiplies and adds in registers, or rests.
//
//   gpu_load SECONDS FILE [ON_MS PERIOD_MS [PHASE_MS]]
//
// FILE gets `begin BOOT` and `end BOOT` (CLOCK_BOOTTIME, seconds) of the load itself, after the
// context is made. With ON_MS the load is on for ON_MS of each PERIOD_MS, in step with boot time:
// PHASE_MS later than its whole multiples. CUDA_VISIBLE_DEVICES chooses the device, else the first.
#include <dlfcn.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iomanip>

namespace {

// CUDA's driver API (docs.nvidia.com/cuda/cuda-driver-api), the calls that are used.
using Code = int;
using Device = int;
using Handle = void*;
constexpr int kProcessors = 16;  // CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
constexpr int kClockKhz = 13;    // CU_DEVICE_ATTRIBUTE_CLOCK_RATE

// Sixteen dependent multiply-adds a round until `cycles` of the core's clock have gone by.
constexpr const char* kKernel = R"ptx(
.version 6.0
.target sm_50
.address_size 64
.visible .entry spin(.param .u64 cycles, .param .u64 out)
{
  .reg .u64 %start, %now, %want, %to;
  .reg .f32 %a, %b;
  .reg .pred %more;
  ld.param.u64 %want, [cycles];
  ld.param.u64 %to, [out];
  mov.u64 %start, %clock64;
  mov.f32 %a, 0f3F800001;
  mov.f32 %b, 0f3F7FFFFF;
ROUND:
  fma.rn.f32 %a, %a, %b, %b;
  fma.rn.f32 %b, %b, %a, %a;
  fma.rn.f32 %a, %a, %b, %b;
  fma.rn.f32 %b, %b, %a, %a;
  fma.rn.f32 %a, %a, %b, %b;
  fma.rn.f32 %b, %b, %a, %a;
  fma.rn.f32 %a, %a, %b, %b;
  fma.rn.f32 %b, %b, %a, %a;
  mov.u64 %now, %clock64;
  sub.u64 %now, %now, %start;
  setp.lt.u64 %more, %now, %want;
  @%more bra ROUND;
  st.global.f32 [%to], %a;
  ret;
}
)ptx";

double boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void sleep_until(double when) {
  timespec at{};
  at.tv_sec = static_cast<time_t>(when);
  at.tv_nsec = static_cast<long>((when - static_cast<double>(at.tv_sec)) * 1e9);
  while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &at, nullptr) != 0) {
  }
}

[[noreturn]] void give_up(const char* what, int code) {
  std::fprintf(stderr, "gpu_load: %s (%d)\n", what, code);
  std::exit(1);
}

class Gpu {
 public:
  Gpu() {
    if (library_ == nullptr) give_up("libcuda.so.1 cannot be loaded", 0);
    call("cuInit", 0U);
    Device device = 0;
    call("cuDeviceGet", &device, 0);
    int clock_khz = 0;
    call("cuDeviceGetAttribute", &processors_, kProcessors, device);
    call("cuDeviceGetAttribute", &clock_khz, kClockKhz, device);
    cycles_ = static_cast<unsigned long long>(clock_khz);  // 1 ms at the highest clock
    Handle context = nullptr;
    call("cuCtxCreate_v2", &context, 0U, device);
    Handle module = nullptr;
    call("cuModuleLoadData", &module, static_cast<const void*>(kKernel));
    call("cuModuleGetFunction", &kernel_, module, "spin");
    call("cuMemAlloc_v2", &memory_, std::size_t{64});
  }

  // About a millisecond of full load.
  void burst() {
    void* arguments[] = {&cycles_, &memory_};
    call("cuLaunchKernel", kernel_, static_cast<unsigned>(processors_ * 8), 1U, 1U, 256U, 1U, 1U,
         0U, Handle{nullptr}, static_cast<void**>(arguments), static_cast<void**>(nullptr));
    call("cuCtxSynchronize");
  }

 private:
  template <typename... Args>
  void call(const char* name, Args... arguments) {
    auto* const function = reinterpret_cast<Code (*)(Args...)>(dlsym(library_, name));
    if (function == nullptr) give_up(name, -1);
    if (const Code code = function(arguments...); code != 0) give_up(name, code);
  }

  void* library_ = dlopen("libcuda.so.1", RTLD_NOW);
  Handle kernel_ = nullptr;
  unsigned long long memory_ = 0;
  unsigned long long cycles_ = 0;
  int processors_ = 0;
};

struct Rhythm {
  double on_s = 0;
  double period_s = 0;  // 0: always on
  double phase_s = 0;

  // The load is off at `now`: until when.
  [[nodiscard]] double off_until(double now) const {
    if (period_s <= 0) return now;
    const double into = std::fmod(now - phase_s, period_s);
    return into < on_s ? now : now + period_s - into;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 5 && argc != 6) {
    std::fputs("usage: gpu_load SECONDS FILE [ON_MS PERIOD_MS [PHASE_MS]]\n", stderr);
    return 2;
  }
  Rhythm rhythm;
  if (argc > 4) rhythm = {std::atof(argv[3]) / 1e3, std::atof(argv[4]) / 1e3, 0};
  if (argc > 5) rhythm.phase_s = std::atof(argv[5]) / 1e3;
  Gpu gpu;
  const double begin = boot();
  const double end = begin + std::atof(argv[1]);
  for (double now = begin; now < end; now = boot()) {
    const double wake = rhythm.off_until(now);
    if (wake > now) {
      sleep_until(wake < end ? wake : end);
    } else {
      gpu.burst();
    }
  }
  std::ofstream out(argv[2]);
  out << std::fixed << std::setprecision(6) << "begin " << begin << "\nend " << boot() << "\n";
  return out.flush() ? 0 : 1;
}
