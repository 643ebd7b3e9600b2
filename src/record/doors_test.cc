#include "record/doors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "host/child_for_test.h"
#include "record/meter_for_test.h"

namespace lowtide::record {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const host::UtcAnchor kAnchor{Utc(std::chrono::seconds(1'767'571'200)), BootTime(seconds(1000))};
const Utc kNow = kAnchor.at(BootTime(seconds(1500)));

// Takes until all doors are idle, at most 20 s.
Arrivals settle(Doors& doors) {
  Arrivals all;
  EXPECT_TRUE(host::eventually([&] {
    Arrivals some = doors.take(kNow);
    const auto move = [](auto& from, auto& to) { to.insert(to.end(), from.begin(), from.end()); };
    move(some.readings, all.readings);
    move(some.channels, all.channels);
    move(some.events, all.events);
    move(some.holders, all.holders);
    return doors.all_idle();
  }));
  Arrivals last = doors.take(kNow);
  all.readings.insert(all.readings.end(), last.readings.begin(), last.readings.end());
  all.events.insert(all.events.end(), last.events.begin(), last.events.end());
  all.holders.insert(all.holders.end(), last.holders.begin(), last.holders.end());
  return all;
}

// Doors answer in any order.
std::vector<ChannelReading> by_channel(std::vector<ChannelReading> readings) {
  std::sort(readings.begin(), readings.end(),
            [](const auto& a, const auto& b) { return a.channel < b.channel; });
  return readings;
}

Arrivals ask(Doors& doors) {
  doors.request();
  return settle(doors);
}

Reader::Open refuses(ErrorKind kind) {
  return [kind]() -> Result<std::unique_ptr<sense::Meter>> { return fail(kind, "because"); };
}

std::vector<ChannelInfo> channels_of(const std::vector<std::string>& uuids) {
  return script_of(uuids)->channels;
}

TEST(Doors, readings_come_in_utc_with_numbers_that_hold_for_the_run) {
  const auto first = script_of({"a", "b"});
  const auto other = script_of({"c"});
  first->on_read = [](int call) {
    if (call == 1) return sense::Batch{};
    return sense::Batch{{boot_reading(1010, 1020, 5, 1)}, {}, {}, {}};
  };
  other->on_read = [](int call) {
    if (call == 1) return sense::Batch{};
    return sense::Batch{
        {boot_reading(1030, 1031, 7)}, {}, {}, {{0, {}, std::vector<sense::Holder>{{42}}}}};
  };
  Doors doors(kAnchor, wake_fd());
  doors.open({{"one", opens(first)}}, {}, {});
  EXPECT_EQ(settle(doors).channels.size(), 2U);
  doors.open({{"two", opens(other)}}, doors.channels(), {});
  EXPECT_TRUE(host::eventually([&] {
    static_cast<void>(settle(doors));
    return doors.channels().size() == 3;
  }));
  const Arrivals sent = ask(doors);
  const auto readings = by_channel(sent.readings);
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].channel, 1U);
  EXPECT_EQ(readings[0].span.begin, kAnchor.utc + seconds(10));
  EXPECT_EQ(readings[0].span.end, kAnchor.utc + seconds(20));
  EXPECT_EQ(readings[1].channel, 2U);
  EXPECT_EQ(readings[1].energy, joules(7));
  ASSERT_EQ(sent.holders.size(), 1U);
  EXPECT_EQ(sent.holders[0].channel, 2U);
}

TEST(Doors, trouble_is_said_once_until_the_channel_answers_again) {
  const auto script = script_of({"a"});
  // Calls: the mark, trouble, trouble, an answer, trouble.
  script->on_read = [](int call) {
    if (call == 1) return sense::Batch{};
    if (call == 4) return sense::Batch{{boot_reading(1, 2, 3)}, {}, {}, {}};
    return sense::Batch{{}, {}, {{0, Error{ErrorKind::temporary, "hiccup", "dev0", ""}}}, {}};
  };
  Doors doors(kAnchor, wake_fd());
  doors.open({{"door", opens(script)}}, {}, {});
  EXPECT_TRUE(settle(doors).events.empty());
  const Arrivals first = ask(doors);
  ASSERT_EQ(first.events.size(), 1U);
  EXPECT_EQ(first.events[0].kind, "sensor-trouble");
  EXPECT_EQ(first.events[0].time, kNow);
  EXPECT_THAT(first.events[0].detail, HasSubstr("id of a"));
  EXPECT_THAT(first.events[0].detail, HasSubstr("hiccup"));
  EXPECT_TRUE(ask(doors).events.empty()) << "said already";
  EXPECT_EQ(ask(doors).readings.size(), 1U);
  EXPECT_EQ(ask(doors).events.size(), 1U) << "said anew";
}

TEST(Doors, trouble_that_comes_and_goes_for_days_is_told_ten_times) {
  const auto script = script_of({"a"});
  script->on_read = [](int call) {
    if (call % 2 == 1) return sense::Batch{{boot_reading(call, call + 1, 3)}, {}, {}, {}};
    return sense::Batch{{}, {}, {{0, Error{ErrorKind::temporary, "hiccup", "dev0", ""}}}, {}};
  };
  Doors doors(kAnchor, wake_fd());
  doors.open({{"door", opens(script)}}, {}, {});
  std::vector<Event> told = settle(doors).events;
  for (int i = 0; i < 40; ++i) {
    for (const Event& event : ask(doors).events) told.push_back(event);
  }
  ASSERT_EQ(told.size(), 10U);
  EXPECT_THAT(told.back().detail, HasSubstr("not told"));
}

TEST(Doors, what_is_not_there_is_normal_and_what_is_denied_is_an_event) {
  Doors doors(kAnchor, wake_fd());
  doors.open({{"absent", refuses(ErrorKind::absent)},
              {"denied", refuses(ErrorKind::denied)},
              {"broken", refuses(ErrorKind::temporary)}},
             {}, {});
  const Arrivals sent = settle(doors);
  std::map<std::string, std::string> details;
  for (const Event& event : sent.events) details[event.kind] = event.detail;
  ASSERT_EQ(sent.events.size(), 2U);
  EXPECT_EQ(details["sensor-denied"], "denied: because");
  EXPECT_EQ(details["sensor-trouble"], "broken: because");
  EXPECT_TRUE(ask(doors).events.empty());
  EXPECT_TRUE(doors.late().empty());
}

TEST(Doors, channels_keep_their_numbers_over_a_restart) {
  const auto script = script_of({"b", "a", "new"});
  Doors doors(kAnchor, wake_fd());
  doors.open({{"door", opens(script)}}, channels_of({"a", "b", "gone"}), {});
  const Arrivals sent = settle(doors);
  std::vector<std::size_t> numbers;
  numbers.reserve(sent.channels.size());
  for (const auto& [number, info] : sent.channels) numbers.push_back(number);
  EXPECT_THAT(numbers, ElementsAre(1U, 0U, 3U));
  ASSERT_EQ(doors.channels().size(), 4U);
  EXPECT_EQ(doors.channels()[2].uuid, "gone");
  EXPECT_EQ(doors.channels()[3].uuid, "new");
}

TEST(Doors, two_channels_of_one_device_do_not_share_a_number) {
  auto script = script_of({"u", "u"});
  script->channels[1].kind = ChannelKind::dram;
  auto known = script->channels;
  std::swap(known[0], known[1]);
  Doors doors(kAnchor, wake_fd());
  doors.open({{"door", opens(script)}}, known, {});
  const Arrivals sent = settle(doors);
  ASSERT_EQ(sent.channels.size(), 2U);
  EXPECT_EQ(sent.channels[0].first, 1U);
  EXPECT_EQ(sent.channels[1].first, 0U);
}

TEST(Doors, each_door_gets_back_what_it_saved_and_nobody_elses) {
  std::string saved;
  {
    Doors doors(kAnchor, wake_fd());
    doors.open({{"one", opens(script_of({"a"}))}, {"two", opens(script_of({"b"}))}}, {}, {});
    static_cast<void>(settle(doors));
    static_cast<void>(ask(doors));
    saved = doors.saved();
    EXPECT_THAT(saved, HasSubstr("after 2"));
  }
  const auto two = script_of({"b"});
  const auto three = script_of({"c"});
  Doors doors(kAnchor, wake_fd());
  doors.open({{"two", opens(two)}, {"three", opens(three)}}, {}, saved);
  static_cast<void>(settle(doors));
  EXPECT_EQ(two->restored, "after 2");
  EXPECT_EQ(three->restored, "");
}

TEST(Doors, saved_text_that_is_no_json_restores_nothing) {
  const auto script = script_of({"a"});
  Doors doors(kAnchor, wake_fd());
  doors.open({{"door", opens(script)}}, {}, "{\"door\": 7, [");
  EXPECT_EQ(settle(doors).channels.size(), 1U);
  EXPECT_EQ(script->restored, "");
}

TEST(Doors, only_the_tail_of_the_newest_batch_counts) {
  const auto script = script_of({"a"});
  script->on_read = [](int call) {
    return sense::Batch{
        {boot_reading(call, call + 1, 1)}, {boot_reading(call + 1, call + 2, 9)}, {}, {}};
  };
  Doors doors(kAnchor, wake_fd());
  doors.open({{"door", opens(script)}}, {}, {});
  static_cast<void>(settle(doors));
  static_cast<void>(ask(doors));
  const auto tails = doors.tails();
  ASSERT_EQ(tails.size(), 1U);
  EXPECT_EQ(tails[0].span.begin, kAnchor.at(BootTime(seconds(3))));
  EXPECT_EQ(tails[0].energy, joules(9));
}

TEST(Doors, a_door_that_hangs_is_late_alone) {
  const auto hung = script_of({"a"});
  const auto fine = script_of({"b"});
  fine->on_read = [](int call) {
    return sense::Batch{{boot_reading(call, call + 1, 1)}, {}, {}, {}};
  };
  hung->shut();
  {
    Doors doors(kAnchor, wake_fd());
    doors.open({{"vendor", opens(hung), false}, {"files", opens(fine)}}, {}, {});
    std::size_t readings = 0;
    ASSERT_TRUE(host::eventually([&] {
      readings += doors.take(kNow).readings.size();
      return doors.early_idle() && readings > 0;
    }));
    EXPECT_FALSE(doors.all_idle());
    EXPECT_THAT(doors.late(), ElementsAre("vendor"));
  }
  hung->release();
}

}  // namespace
}  // namespace lowtide::record
