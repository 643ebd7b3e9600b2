// The fake library, loaded as lowtide loads it, against the closed form of every curve and mode.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>
#include <utility>

#include "clock.h"
#include "curve.h"
#include "nvml_abi.h"
#include "script.h"

namespace lowtide::rig {
namespace {

Curve curve_of(const std::string& text) {
  const auto curve = parse_curve(split_words(text));
  EXPECT_TRUE(curve.has_value()) << text;
  return curve.value_or(Curve());
}

// ---- the library, as a program that knows only the public interface sees it

class Nvml : public ::testing::Test {
 protected:
  void SetUp() override {
    library_ = dlopen(RIG_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(library_, nullptr) << dlerror();
    char folder[] = "/tmp/rig_test_XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    folder_ = folder;
    script_ = folder_ + "/script";
    setenv("LOWTIDE_RIG", script_.c_str(), 1);
  }
  void TearDown() override {
    stop();
    std::remove(script_.c_str());
    std::remove(path("t0").c_str());
    std::remove(path("pids").c_str());
    rmdir(folder_.c_str());
  }

  template <typename Signature>
  Signature* call(const char* name) {
    auto* const found = reinterpret_cast<Signature*>(dlsym(library_, name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }

  nvmlReturn_t play(const std::string& text) {
    std::ofstream(script_) << text;
    const nvmlReturn_t answer = call<nvmlReturn_t()>("nvmlInit_v2")();
    started_ = answer == NVML_SUCCESS;
    return answer;
  }

  void stop() {
    if (std::exchange(started_, false)) call<nvmlReturn_t()>("nvmlShutdown")();
  }

  nvmlDevice_t device(unsigned index = 0) {
    nvmlDevice_t handle = nullptr;
    auto* const get = call<nvmlReturn_t(unsigned, nvmlDevice_t*)>("nvmlDeviceGetHandleByIndex_v2");
    EXPECT_EQ(get(index, &handle), NVML_SUCCESS);
    return handle;
  }

  nvmlReturn_t counter(double* joules, unsigned index = 0) {
    unsigned long long mj = 0;
    const nvmlReturn_t answer = call<nvmlReturn_t(nvmlDevice_t, unsigned long long*)>(
        "nvmlDeviceGetTotalEnergyConsumption")(device(index), &mj);
    *joules = static_cast<double>(mj) / 1000;
    return answer;
  }

  nvmlReturn_t power(double* watts, unsigned index = 0) {
    unsigned mw = 0;
    const nvmlReturn_t answer =
        call<nvmlReturn_t(nvmlDevice_t, unsigned*)>("nvmlDeviceGetPowerUsage")(device(index), &mw);
    *watts = mw / 1000.0;
    return answer;
  }

  nvmlFieldValue_t field(unsigned id, unsigned index = 0) {
    nvmlFieldValue_t value{};
    value.fieldId = id;
    EXPECT_EQ((call<nvmlReturn_t(nvmlDevice_t, int, nvmlFieldValue_t*)>("nvmlDeviceGetFieldValues")(
                  device(index), 1, &value)),
              NVML_SUCCESS);
    return value;
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }

  static std::string begun(double seconds_ago) {
    std::ostringstream text;
    text.precision(17);
    text << "t0 boot " << boot_seconds() - seconds_ago << "\n";
    return text.str();
  }

 private:
  void* library_ = nullptr;
  bool started_ = false;
  std::string folder_;
  std::string script_;
};

struct Mode {
  const char* name;
  const char* lines;
  double step_s;  // how old the counter may be
  double gain;
  double offset_w;
};

const Mode kModes[] = {{"live", "", 0, 1, 0},
                       {"step20", "counter step_ms 20\n", 0.020, 1, 0},
                       {"step100", "counter step_ms 100\n", 0.100, 1, 0},
                       {"gain", "gain_pct 5\n", 0, 1.05, 0},
                       {"offset", "offset_w 4\ngain_pct -2\n", 0, 0.98, 4}};

const char* const kShapes[] = {"flat 300",
                               "ramp 50 450 1",
                               "ramp 450 50 1",
                               "square 50 400 0.1 0.5 0.25",
                               "spike 100 500 0.55 0.05",
                               "training 90 0.52 400 250 0.04 0.25 120 0.05 3"};

// Energy since boot at `now`, as the mode must report it.
double expected(const Curve& curve, const Mode& mode, double start, double now) {
  const double joules = 60 * start + curve.joules_until(now - start);
  return joules * mode.gain + mode.offset_w * now;
}

TEST_F(Nvml, counter_is_the_closed_form_for_every_curve_and_mode) {
  for (const char* shape : kShapes) {
    for (const Mode& mode : kModes) {
      const double start = boot_seconds() - 0.5;
      std::ostringstream text;
      text.precision(17);
      text << "t0 boot " << start << "\ndevice GPU-1\nidle_w 60\ncurve " << shape << "\n"
           << mode.lines;
      ASSERT_EQ(play(text.str()), NVML_SUCCESS);
      Curve curve = curve_of(shape);
      curve.set_idle_w(60);
      double last = 0;
      for (int i = 0; i < 12; ++i) {
        const double before = boot_seconds();
        double joules = 0;
        ASSERT_EQ(counter(&joules), NVML_SUCCESS);
        const double after = boot_seconds();
        EXPECT_GE(joules, expected(curve, mode, start, before - mode.step_s) - 0.0011)
            << shape << ' ' << mode.name;
        EXPECT_LE(joules, expected(curve, mode, start, after) + 1e-6) << shape << ' ' << mode.name;
        EXPECT_GE(joules, last);
        last = joules;
        std::this_thread::sleep_for(std::chrono::milliseconds(9));
      }
      call<nvmlReturn_t()>("nvmlShutdown")();
    }
  }
}

TEST_F(Nvml, stepping_counter_stands_still_between_steps) {
  ASSERT_EQ(play(begun(1) + "device GPU-1\ncurve flat 300\ncounter step_ms 100\n"), NVML_SUCCESS);
  std::vector<double> seen;
  const double end = boot_seconds() + 0.35;
  while (boot_seconds() < end) {
    double joules = 0;
    ASSERT_EQ(counter(&joules), NVML_SUCCESS);
    if (seen.empty() || joules != seen.back()) seen.push_back(joules);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_GE(seen.size(), 3U);
  ASSERT_LE(seen.size(), 5U);
  for (size_t i = 1; i < seen.size(); ++i) {
    const double steps = (seen[i] - seen[i - 1]) / 30;  // 300 W x 100 ms
    EXPECT_NEAR(steps, std::round(steps), 1e-3);
    EXPECT_GE(std::round(steps), 1);
  }
}

TEST_F(Nvml, averaged_power_is_the_mean_of_the_last_second) {
  // 0.5 s into a 400 W plateau after 60 W idle.
  ASSERT_EQ(play(begun(0.5) + "device GPU-1\nidle_w 60\ncurve flat 400\n"), NVML_SUCCESS);
  const double before = boot_seconds();
  double watts = 0;
  ASSERT_EQ(power(&watts), NVML_SUCCESS);
  const double slack = (boot_seconds() - before + 0.01) * 340;
  EXPECT_NEAR(watts, 230, slack);
  EXPECT_NEAR(field(NVML_FI_DEV_POWER_AVERAGE).value.uiVal / 1000.0, 230, 2 * slack + 4);
  EXPECT_EQ(field(NVML_FI_DEV_POWER_INSTANT).value.uiVal, 400000U);
}

TEST_F(Nvml, missing_sensors_are_not_supported_not_zero) {
  ASSERT_EQ(play(begun(1) + "device GPU-1\ncurve flat 300\ncounter none\ninstant no\n"
                            "device GPU-2\ncurve flat 200\ncounter none\npower none\n"
                            "device GPU-3\ncurve flat 100\npower instant\n"),
            NVML_SUCCESS);
  double value = 0;
  EXPECT_EQ(counter(&value), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(field(NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION).nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(field(NVML_FI_DEV_POWER_INSTANT).nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(field(NVML_FI_DEV_POWER_AVERAGE).nvmlReturn, NVML_SUCCESS);
  EXPECT_EQ(power(&value, 1), NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(field(NVML_FI_DEV_POWER_INSTANT, 1).value.uiVal, 200000U);
  EXPECT_EQ(field(NVML_FI_DEV_POWER_AVERAGE, 2).nvmlReturn, NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(power(&value, 2), NVML_SUCCESS);
  EXPECT_EQ(value, 100);
  const nvmlFieldValue_t energy = field(NVML_FI_DEV_ENERGY, 2);
  EXPECT_EQ(energy.nvmlReturn, NVML_SUCCESS);
  EXPECT_EQ(energy.valueType, NVML_VALUE_TYPE_UNSIGNED_LONG_LONG);
}

TEST_F(Nvml, duty_cycle_sensor_takes_a_quarter_for_the_whole) {
  // High for 25 of each 100 ms, in step with the sensor (both count from boot): it sees all high.
  ASSERT_EQ(play("t0 boot 0\ndevice GPU-1\ncurve square 100 400 0.1 0.25 0\nduty_ms 25 100\n"),
            NVML_SUCCESS);
  EXPECT_NEAR(field(NVML_FI_DEV_POWER_INSTANT).value.uiVal / 1000.0, 400, 0.01);
  double joules = 0;
  ASSERT_EQ(counter(&joules), NVML_SUCCESS);
  EXPECT_NEAR(joules, 400 * boot_seconds(), 400 * 0.25);
}

TEST_F(Nvml, lost_gpu_answers_lost_and_the_others_go_on) {
  ASSERT_EQ(play(begun(0.9) + "device GPU-1\ncurve flat 300\nlost_at 1\n"
                              "device GPU-2\ncurve flat 300\n"),
            NVML_SUCCESS);
  const nvmlDevice_t first = device(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(120));
  unsigned mw = 0;
  EXPECT_EQ((call<nvmlReturn_t(nvmlDevice_t, unsigned*)>("nvmlDeviceGetPowerUsage")(first, &mw)),
            NVML_ERROR_GPU_IS_LOST);
  nvmlDevice_t again = nullptr;
  EXPECT_EQ(
      (call<nvmlReturn_t(unsigned, nvmlDevice_t*)>("nvmlDeviceGetHandleByIndex_v2")(0, &again)),
      NVML_ERROR_GPU_IS_LOST);
  double joules = 0;
  EXPECT_EQ(counter(&joules, 1), NVML_SUCCESS);
}

TEST_F(Nvml, counter_reset_starts_from_zero) {
  ASSERT_EQ(play(begun(3) + "device GPU-1\nidle_w 60\ncurve flat 300\nreset_at 2\n"), NVML_SUCCESS);
  double joules = 0;
  ASSERT_EQ(counter(&joules), NVML_SUCCESS);
  EXPECT_GE(joules, 300);
  EXPECT_LE(joules, 300 + 300);  // a second of slack for a busy machine
}

TEST_F(Nvml, a_frozen_counter_catches_up_or_forgets_and_one_that_jumps_is_ahead_by_that) {
  const auto seen = [&](const std::string& rule) {
    EXPECT_EQ(play(begun(5) + "device GPU-1\nidle_w 0\ncurve flat 100\n" + rule), NVML_SUCCESS);
    double joules = 0;
    EXPECT_EQ(counter(&joules), NVML_SUCCESS);
    stop();
    return joules;
  };
  EXPECT_DOUBLE_EQ(seen("freeze_between 2 1000 forgets\n"), 200);
  EXPECT_NEAR(seen("freeze_between 2 4 catches-up\n"), 500, 20);
  EXPECT_NEAR(seen("freeze_between 2 4 forgets\n"), 300, 20);
  EXPECT_NEAR(seen("jump_at 4 1e7\n"), 1e7 + 500, 20);
}

TEST_F(Nvml, a_gpu_that_is_back_answers_under_a_new_handle_only) {
  ASSERT_EQ(play(begun(0) + "device GPU-1\nlost_between 0.1 0.3\n"), NVML_SUCCESS);
  nvmlDevice_t old = device();
  auto* const name = call<nvmlReturn_t(nvmlDevice_t, char*, unsigned)>("nvmlDeviceGetName");
  char room[96];
  EXPECT_EQ(name(old, room, sizeof room), NVML_SUCCESS);
  std::this_thread::sleep_for(std::chrono::milliseconds(320));
  EXPECT_EQ(name(old, room, sizeof room), NVML_ERROR_GPU_IS_LOST);
  EXPECT_EQ(name(device(), room, sizeof room), NVML_SUCCESS);
}

TEST_F(Nvml, scripted_failures_hit_the_named_call_only) {
  ASSERT_EQ(play("fail nvmlDeviceGetPowerUsage 2 15\ndevice GPU-1\ncurve flat 300\n"),
            NVML_SUCCESS);
  double value = 0;
  EXPECT_EQ(power(&value), NVML_SUCCESS);
  EXPECT_EQ(power(&value), NVML_ERROR_GPU_IS_LOST);
  EXPECT_EQ(power(&value), NVML_SUCCESS);
  EXPECT_EQ(counter(&value), NVML_SUCCESS);
}

TEST_F(Nvml, device_can_fail_for_a_while) {
  ASSERT_EQ(play(begun(5) + "device GPU-1\ncurve flat 300\nfail_between 1 2000 999\n"
                            "device GPU-2\ncurve flat 300\nfail_between 1 2 999\n"),
            NVML_SUCCESS);
  double value = 0;
  EXPECT_EQ(power(&value), NVML_ERROR_UNKNOWN);
  EXPECT_EQ(power(&value, 1), NVML_SUCCESS);
}

TEST_F(Nvml, init_can_fail_and_nothing_works_before_it) {
  EXPECT_EQ(play("init_error 9\ndevice GPU-1\ncurve flat 300\n"), NVML_ERROR_DRIVER_NOT_LOADED);
  unsigned count = 0;
  EXPECT_EQ(call<nvmlReturn_t(unsigned*)>("nvmlDeviceGetCount_v2")(&count),
            NVML_ERROR_UNINITIALIZED);
}

TEST_F(Nvml, delay_slows_each_call) {
  ASSERT_EQ(play("device GPU-1\ncurve flat 300\ndelay_ms 30\n"), NVML_SUCCESS);
  double value = 0;
  const double before = boot_seconds();
  ASSERT_EQ(power(&value), NVML_SUCCESS);
  EXPECT_GE(boot_seconds() - before, 0.030);
}

TEST_F(Nvml, curve_starts_when_the_file_says_so) {
  ASSERT_EQ(play("t0 file " + path("t0") + "\ndevice GPU-1\nidle_w 60\ncurve flat 300\n"),
            NVML_SUCCESS);
  EXPECT_EQ(field(NVML_FI_DEV_POWER_INSTANT).value.uiVal, 60000U);
  double before = 0;
  ASSERT_EQ(counter(&before), NVML_SUCCESS);
  std::ofstream(path("t0")) << std::fixed << boot_seconds() << "\n";
  EXPECT_EQ(field(NVML_FI_DEV_POWER_INSTANT).value.uiVal, 300000U);
  double after = 0;
  ASSERT_EQ(counter(&after), NVML_SUCCESS);
  EXPECT_GE(after, before);
}

TEST_F(Nvml, first_call_leaves_its_time_for_other_processes) {
  ASSERT_EQ(play("t0 first-call " + path("t0") + "\ndevice GPU-1\ncurve flat 300\n"), NVML_SUCCESS);
  double joules = 0;
  ASSERT_EQ(counter(&joules), NVML_SUCCESS);
  double start = 0;
  std::ifstream(path("t0")) >> start;
  EXPECT_NEAR(start, boot_seconds(), 5);
}

TEST_F(Nvml, devices_are_found_by_uuid_and_told_apart) {
  ASSERT_EQ(play("device GPU-aa\nname Rig One\ncurve flat 1\narch 8\nlimit_w 400\n"
                 "device GPU-bb\nname Rig Two\ncurve flat 2\nmig no\ncapability 8.6\n"),
            NVML_SUCCESS);
  unsigned count = 0;
  ASSERT_EQ(call<nvmlReturn_t(unsigned*)>("nvmlDeviceGetCount_v2")(&count), NVML_SUCCESS);
  EXPECT_EQ(count, 2U);
  nvmlDevice_t two = nullptr;
  auto* const by_uuid = call<nvmlReturn_t(const char*, nvmlDevice_t*)>("nvmlDeviceGetHandleByUUID");
  ASSERT_EQ(by_uuid("GPU-bb", &two), NVML_SUCCESS);
  EXPECT_EQ(by_uuid("GPU-cc", &two), NVML_ERROR_NOT_FOUND);
  char name[96];
  using Text = nvmlReturn_t(nvmlDevice_t, char*, unsigned);
  ASSERT_EQ(call<Text>("nvmlDeviceGetName")(device(1), name, sizeof name), NVML_SUCCESS);
  EXPECT_STREQ(name, "Rig Two");
  EXPECT_EQ(call<Text>("nvmlDeviceGetUUID")(device(1), name, 4), NVML_ERROR_INSUFFICIENT_SIZE);
  using Number = nvmlReturn_t(nvmlDevice_t, unsigned*);
  unsigned value = 0;
  ASSERT_EQ(call<Number>("nvmlDeviceGetArchitecture")(device(0), &value), NVML_SUCCESS);
  EXPECT_EQ(value, 8U);
  ASSERT_EQ(call<Number>("nvmlDeviceGetEnforcedPowerLimit")(device(0), &value), NVML_SUCCESS);
  EXPECT_EQ(value, 400000U);
  int major = 0;
  int minor = 0;
  using Capability = nvmlReturn_t(nvmlDevice_t, int*, int*);
  auto* const capability = call<Capability>("nvmlDeviceGetCudaComputeCapability");
  ASSERT_EQ(capability(device(0), &major, &minor), NVML_SUCCESS);
  EXPECT_EQ(major * 10 + minor, 89);
  ASSERT_EQ(capability(device(1), &major, &minor), NVML_SUCCESS);
  EXPECT_EQ(major * 10 + minor, 86);
  unsigned pending = 0;
  using Mig = nvmlReturn_t(nvmlDevice_t, unsigned*, unsigned*);
  EXPECT_EQ(call<Mig>("nvmlDeviceGetMigMode")(device(0), &value, &pending),
            NVML_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(call<Mig>("nvmlDeviceGetMigMode")(device(1), &value, &pending), NVML_SUCCESS);
  EXPECT_EQ(value, 0U);
}

TEST_F(Nvml, contexts_list_living_processes_and_say_when_the_buffer_is_small) {
  std::ofstream(path("pids")) << getpid() << "\n" << 0x3FFFFFFF << "\n";
  ASSERT_EQ(play("device GPU-1\ncurve flat 1\ncontexts file " + path("pids") +
                 "\ndevice GPU-2\ncurve flat 1\ncontexts none\ndevice GPU-3\ncurve flat 1\n"),
            NVML_SUCCESS);
  auto* const list = call<nvmlReturn_t(nvmlDevice_t, unsigned*, nvmlProcessInfo_t*)>(
      "nvmlDeviceGetComputeRunningProcesses_v3");
  unsigned count = 0;
  EXPECT_EQ(list(device(0), &count, nullptr), NVML_ERROR_INSUFFICIENT_SIZE);
  ASSERT_EQ(count, 1U);
  nvmlProcessInfo_t info{};
  ASSERT_EQ(list(device(0), &count, &info), NVML_SUCCESS);
  EXPECT_EQ(info.pid, static_cast<unsigned>(getpid()));
  count = 0;
  EXPECT_EQ(list(device(1), &count, nullptr), NVML_SUCCESS);
  EXPECT_EQ(count, 0U);
  EXPECT_EQ(list(device(2), &count, nullptr), NVML_ERROR_NOT_SUPPORTED);
}

}  // namespace
}  // namespace lowtide::rig
