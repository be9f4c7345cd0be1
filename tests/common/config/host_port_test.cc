// "host:port", and which of them only this machine reaches.
#include "common/config/host_port.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn::config {
namespace {

TEST(HostPortTest, Parses) {
  EXPECT_EQ(HostPort::parse("nn1:8020").value(), (HostPort{"nn1", 8020}));
  EXPECT_EQ(HostPort::parse("[::1]:0").value(), (HostPort{"::1", 0}));
  EXPECT_EQ(HostPort::parse("[::1]:8020")->toString(), "[::1]:8020");
  for (const char* bad : {"", "host", "host:", ":1", "host:65536", "host:-1", "host:1x", "::1:8020",
                          "[host]:1", "a b:1", "u@h:1", "h/:1", "[::1:1"}) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, HostPort::parse(bad)) << bad;
  }
}

// Protects a daemon from being taken for a private one: only loopback addresses are.
TEST(HostPortTest, Loopback) {
  for (const char* own : {"localhost:1", "127.0.0.1:1", "127.9.9.9:1", "[::1]:1"}) {
    EXPECT_TRUE(HostPort::parse(own)->isLoopback()) << own;
  }
  for (const char* open : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.org:1", "host:1"}) {
    EXPECT_FALSE(HostPort::parse(open)->isLoopback()) << open;
  }
}

}  // namespace
}  // namespace cairn::config
