// Hand-made runs for the tests of show.
#pragma once

#include <cstdlib>
#include <ctime>

#include "account/derive.h"
#include "account/testing_run.h"

namespace lowtide::show {

// Local time of the tests, whatever the machine's is.
inline void use_zone(const char* zone) {
  setenv("TZ", zone, 1);
  tzset();
}

// A short run on a machine without sensors: all energy is modelled, the place is assumed.
inline RunRecord modelled_run() {
  account::TestRun run(std::chrono::milliseconds(31'200));
  run.channel(ChannelKind::cpu, Source::model, {watts(60)});
  run.channel(ChannelKind::dram, Source::model, {watts(10)});
  for (ChannelSlot& slot : run.record.slots) slot.quality = Quality::modelled;
  for (ChannelInfo& channel : run.record.channels) {
    channel.errors = {{ErrorTermKind::model, 0.5, 0.5, {}, {}, {}, {}, "assumed"}};
    channel.idle_power = watts(0);
    channel.note = "a table of thermal design power";
  }
  run.use(1).cpus(2, 2).constant(62);
  RunRecord& record = run.record;
  record.name = "digits";
  record.command = {"python3", "examples/train_digits.py"};
  IntensityUsed& used = record.intensity[0];
  used.zone = "FR";
  used.source = "typical";
  used.model = "typical year 2022";
  used.resolved_by = "the time zone Europe/Paris";
  used.place_assumed = true;
  used.error_low_rel = used.error_high_rel = 0.2;
  used.sha256 = "ab12";
  return record;
}

// Two H100, RAPL, an average PUE, both signals, a gap in one GPU, an event.
inline RunRecord measured_run() {
  account::TestRun run(std::chrono::hours(3));
  run.gpu({watts(600), watts(650), watts(200)}).gpu({watts(580), watts(640), watts(210)});
  run.cpu(watts(150), watts(60)).use(0.6).cpus(64, 16);
  run.channel(ChannelKind::psys, Source::rapl, {watts(2000)});
  run.record.channels[3].id = "psys";
  run.record.channels[3].in_total = false;
  run.intensity({420, 210, 30}).intensity({800, 700, 600}, Signal::marginal);
  RunRecord& record = run.record;
  record.name = "bert";
  record.command = {"python", "pretrain.py"};
  record.options.pue = 1.185;
  record.options.pue_source = "Azure 2024, westus2";
  record.options.pue_is_average = true;
  record.options.per = "gpu-hour";
  for (std::size_t i = 0; i < 2; ++i) {
    record.channels[i].name = "NVIDIA H100 80GB HBM3";
    record.channels[i].uuid = "GPU-000" + std::to_string(i);
    record.channels[i].errors = {
        {ErrorTermKind::gain, 0.05, 0.05, {}, {}, {}, {}, "NVIDIA: +-5 W or 5 %"}};
  }
  record.channels[2].name = "Intel(R) Xeon(R) Platinum";
  record.intensity[0].zone = "US-CAL-CISO";
  record.intensity[0].error_low_rel = record.intensity[0].error_high_rel = 0.1;
  record.slots[3].covered /= 2;
  record.slots[3].device *= 0.5;
  record.events.push_back(
      {*record.begin + std::chrono::minutes(17), "sensor-late", "gpu:0, 150 s"});
  return record;
}

}  // namespace lowtide::show
