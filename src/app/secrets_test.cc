#include <gtest/gtest.h>

#include "app/run_request.h"

namespace lowtide::app {
namespace {

using Words = std::vector<std::string>;

struct SecretCase {
  Words command;
  Words kept;
};

TEST(Secrets, values_that_look_like_secrets_are_masked_and_nothing_else) {
  const SecretCase cases[] = {
      {{"python3", "train.py", "--lr", "0.1"}, {"python3", "train.py", "--lr", "0.1"}},
      {{"x", "--token", "abc", "y"}, {"x", "--token", "***", "y"}},
      {{"x", "--token=abc", "y"}, {"x", "--token=***", "y"}},
      {{"x", "--api-key", "abc"}, {"x", "--api-key", "***"}},
      {{"x", "--API_KEY=abc"}, {"x", "--API_KEY=***"}},
      {{"x", "-password", "abc"}, {"x", "-password", "***"}},
      {{"x", "--db.passwd=abc"}, {"x", "--db.passwd=***"}},
      {{"x", "--client-secret", "abc"}, {"x", "--client-secret", "***"}},
      {{"x", "--token", "--verbose"}, {"x", "--token", "--verbose"}},
      {{"x", "--token"}, {"x", "--token"}},
      {{"env", "HF_TOKEN=abc", "x"}, {"env", "HF_TOKEN=***", "x"}},
      {{"env", "HF_TOKEN=", "x"}, {"env", "HF_TOKEN=", "x"}},
      {{"sh", "-c", "API_TOKEN=abc ./x --key=d 2>&1"},
       {"sh", "-c", "API_TOKEN=*** ./x --key=*** 2>&1"}},
      {{"sh", "-c", "A=1; PASSWORD='a b' ./x"}, {"sh", "-c", "A=1; PASSWORD=*** ./x"}},
      {{"sh", "-c", "PASSWORD=\"a b\" B=2"}, {"sh", "-c", "PASSWORD=*** B=2"}},
      {{"curl", "-H", "X-Api-Key: abc"}, {"curl", "-H", "X-Api-Key: ***"}},
      {{"curl", "-d", R"({"user": "me", "api_key": "abc", "n": 1})"},
       {"curl", "-d", R"({"user": "me", "api_key": ***, "n": 1})"}},
      {{"curl", "-d", R"({'secret':'abc'})"}, {"curl", "-d", R"({'secret':***})"}},
      {{"x", "monkey", "passwords.txt"}, {"x", "monkey", "passwords.txt"}},
      {{"x", "a=token", "key"}, {"x", "a=token", "key"}},
      {{"git", "clone", "https://me:abc@host.org/x.git"},
       {"git", "clone", "https://me:***@host.org/x.git"}},
      {{"x", "--db=postgres://me:a:b@c@host:5432/db?password=d&n=1"},
       {"x", "--db=postgres://me:***@host:5432/db?password=***&n=1"}},
      {{"sh", "-c", "a http://u:p@h; b 'ftp://:q@i' http://plain:80/@x"},
       {"sh", "-c", "a http://u:***@h; b 'ftp://:***@i' http://plain:80/@x"}},
      {{"x", "https://me@host.org", "http://[::1]:80/a:b@c", "a://b"},
       {"x", "https://me@host.org", "http://[::1]:80/a:b@c", "a://b"}},
      {{"x", "", "-", "--", "="}, {"x", "", "-", "--", "="}},
  };
  for (const auto& [command, kept] : cases) {
    EXPECT_EQ(without_secrets(command), kept) << testing::PrintToString(command);
  }
}

TEST(Secrets, no_word_is_lost_whatever_it_is_made_of) {
  for (const char* word :
       {"key=", "key='", "key=\"", "key:", "key:   ", "key='a", "====", "key==a",
        "\"key\":", "key\"", "'", "key=\n", "://", "://:@", "://@", "a://b:@://c:d@", ":@://"}) {
    EXPECT_EQ(without_secrets({"x", word, "y"}).size(), 3U);
  }
}

}  // namespace
}  // namespace lowtide::app
