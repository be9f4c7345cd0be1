// Protects which namenode a program talks to, and as whom: the caller's word, then the environment,
// then the configuration file, then the defaults.
#include "client/library/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::library {
namespace {

class SettingsTest : public ::testing::Test {
protected:
  SettingsTest() {
    for (const char* name : {"CAIRN_NAMENODE", "CAIRN_USER", "CAIRN_CONFIG",
                             "CAIRN_CLIENT_NAMENODE", "CAIRN_CLIENT_USER"}) {
      ::unsetenv(name);
    }
    ::setenv("HOME", scratch_.path().c_str(), 1);
    testkit::writeFile(file_,
                       "[client]\nnamenode = \"file:1\"\nuser = \"filed\"\n"
                       "retry_budget_ms = 1234\nshort_circuit = false\n");
  }
  testkit::ScratchDir scratch_;
  const std::string file_ = scratch_ / "cairn.toml";
};

TEST_F(SettingsTest, TheDefaultIsThisMachine) {
  ASSERT_VALUE(auto settings, settle({}));
  EXPECT_EQ(settings.options.namenode, "127.0.0.1:8020");
  EXPECT_FALSE(settings.options.user.empty());
  EXPECT_FALSE(settings.options.machine.empty());
  EXPECT_TRUE(settings.options.shortCircuit);
  EXPECT_EQ(settings.options.retry.budgetMs, 60'000u);
  EXPECT_EQ(settings.options.frameCacheBytes, 32u << 20);
}

TEST_F(SettingsTest, TheCallerBeforeTheEnvironmentBeforeTheFile) {
  ClientOptions given;
  given.configFile = file_;
  ASSERT_VALUE(auto settings, settle(given));
  EXPECT_EQ(settings.options.namenode, "file:1");
  EXPECT_EQ(settings.options.user, "filed");
  EXPECT_EQ(settings.options.retry.budgetMs, 1234u);
  // Both must allow it.
  EXPECT_FALSE(settings.options.shortCircuit);

  ::setenv("CAIRN_NAMENODE", "environment:2", 1);
  ::setenv("CAIRN_USER", "surrounded", 1);
  ASSERT_VALUE(settings, settle(given));
  EXPECT_EQ(settings.options.namenode, "environment:2");
  EXPECT_EQ(settings.options.user, "surrounded");

  given.namenode = "caller:3";
  given.user = "called";
  given.retryBudgetMs = 0;
  given.frameCacheBytes = 0;
  ASSERT_VALUE(settings, settle(given));
  EXPECT_EQ(settings.options.namenode, "caller:3");
  EXPECT_EQ(settings.options.user, "called");
  EXPECT_EQ(settings.options.retry.budgetMs, 0u);
  EXPECT_EQ(settings.options.frameCacheBytes, 0u);
}

TEST_F(SettingsTest, WhatIsWrongIsAnError) {
  ClientOptions given;
  given.namenode = "no port";
  EXPECT_CODE(Code::INVALID_ARGUMENT, settle(given));
  given = {};
  given.configFile = scratch_ / "missing.toml";
  EXPECT_FALSE(settle(given).has_value());
  testkit::writeFile(file_, "[client]\nnamenod = \"x:1\"\n");
  given.configFile = file_;
  auto wrong = settle(given);
  EXPECT_CODE(Code::INVALID_ARGUMENT, wrong);
  EXPECT_NE(testkit::messageOf(wrong).find("client.namenode"), std::string::npos);
}

}  // namespace
}  // namespace cairn::library
