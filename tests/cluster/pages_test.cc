// The pages that each daemon shows over HTTP, of real daemons: what they hold, and what they say of
// a daemon that is not ready.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/testkit/daemons.h"
#include "tests/testkit/sample.h"
#include "tests/testkit/tcp.h"

namespace cairn::testkit {
namespace {

const std::vector<std::string> ALL{"namenode", "datanode1", "jobtracker", "tasktracker1"};

// The value of the metric of this name and labels, as `name{labels}`; -1 when it is not there.
double metricOf(Daemons& cluster, const std::string& daemon, const std::string& metric) {
  const auto text = httpGet(cluster.httpAddressOf(daemon), "/metrics").body;
  const auto at = text.find("\n" + metric + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + metric.size() + 2));
}

HttpAnswer readiness(Daemons& cluster, const std::string& daemon) {
  return httpGet(cluster.httpAddressOf(daemon), "/readyz");
}

// The daemon's page says that it is not ready, with these words, before patience ends.
void expectNotReady(Daemons& cluster, const std::string& daemon, const std::string& words) {
  HttpAnswer answer;
  EXPECT_TRUE(eventually([&]() {
    answer = readiness(cluster, daemon);
    return answer.status == 503;
  })) << daemon;
  EXPECT_NE(answer.body.find(words), std::string::npos) << answer.body;
}

// Protects: whoever watches a cluster finds each daemon's numbers and state where the list says.
TEST(PagesTest, EachDaemonShowsItsPages) {
  Daemons cluster({.datanodes = 1, .settings = "[fs]\nreplication = 1\n"});
  for (const auto& daemon : ALL) {
    const auto address = cluster.httpAddressOf(daemon);
    const auto list = httpGet(address, "/");
    EXPECT_EQ(list.status, 200) << daemon;
    for (const std::string page : {"/metrics", "/healthz", "/readyz"}) {
      EXPECT_NE(list.body.find("\n" + page + " "), std::string::npos) << daemon << list.body;
    }
    EXPECT_EQ(httpGet(address, "/healthz").status, 200) << daemon;
    EXPECT_EQ(httpGet(address, "/healthz").body, "ok\n") << daemon;
    EXPECT_TRUE(eventually([&]() { return httpGet(address, "/readyz").status == 200; }))
        << daemon << ": " << httpGet(address, "/readyz").body;
    const auto metrics = httpGet(address, "/metrics");
    EXPECT_EQ(metrics.status, 200) << daemon;
    EXPECT_NE(metrics.head.find("Content-Type: text/plain; version=0.0.4"), std::string::npos)
        << metrics.head;
    EXPECT_NE(metrics.body.find("\n# TYPE cairn_"), std::string::npos) << daemon << metrics.body;
    EXPECT_EQ(httpGet(address, "/healthz", "HEAD").body, "") << daemon;
    EXPECT_EQ(httpGet(address, "/none").status, 404) << daemon;
    EXPECT_EQ(httpGet(address, "/healthz", "POST").status, 405) << daemon;
  }
}

// Protects: the numbers are those of the daemon that runs, not of one that nobody uses.
TEST(PagesTest, NumbersFollowWhatIsDone) {
  Daemons cluster({.datanodes = 1, .settings = "[fs]\nreplication = 1\n"});
  const std::string calls = "cairn_namenode_calls_total{method=\"mkdirs\"}";
  const auto before = metricOf(cluster, "namenode", calls);
  ASSERT_EQ(cluster.cairn({"mkdir", "/made"}).code, 0);
  EXPECT_EQ(metricOf(cluster, "namenode", calls), before + 1);
  writeFile(cluster.scratch() / "text", sampleText(100'000));
  ASSERT_EQ(cluster.cairn({"put", cluster.scratch() / "text", "/made/text"}).code, 0);
  EXPECT_GT(metricOf(cluster, "datanode1", "cairn_datanode_written_bytes_total"), 10'000);
  EXPECT_TRUE(
      eventually([&]() { return metricOf(cluster, "datanode1", "cairn_datanode_replicas") == 1; }));
  ASSERT_EQ(cluster.cairn({"mr", "wordcount", "/made/text", "/counts"}).code, 0);
  EXPECT_EQ(metricOf(cluster, "jobtracker", "cairn_jobtracker_jobs_submitted_total"), 1);
  EXPECT_GE(metricOf(cluster, "tasktracker1", "cairn_tasktracker_attempts_started_total"), 2);
}

// Protects: what an alarm has to stand on is among the numbers, and true.
TEST(PagesTest, TheClustersStateIsAmongTheNumbers) {
  Daemons cluster({.datanodes = 2,
                   .jobs = false,
                   .settings = "[fs]\nreplication = 2\n",
                   .namenodeSettings = "datanode_stale_ms = 1500\ndatanode_dead_ms = 3000\n"});
  writeFile(cluster.scratch() / "text", sampleText(100'000));
  ASSERT_EQ(cluster.cairn({"put", cluster.scratch() / "text", "/text"}).code, 0);
  const auto becomes = [&](const std::string& daemon, const std::string& metric, auto holds) {
    double value = -1;
    EXPECT_TRUE(eventually([&]() {
      value = metricOf(cluster, daemon, metric);
      return holds(value);
    })) << metric
        << " is " << value;
  };
  const auto is = [](double wanted) { return [wanted](double value) { return value == wanted; }; };
  const auto more = [](double value) { return value > 0; };
  const std::string nn = "cairn_namenode_";
  for (const auto& [name, value] : std::vector<std::pair<std::string, double>>{
           {"chunks", 1},
           {"chunks_under_replicated", 0},
           {"chunks_missing", 0},
           {"replicas_damaged", 0},
           {"datanodes_live", 2},
           {"datanodes_stale", 0},
           {"datanodes_dead", 0},
           {"volumes_failed", 0},
       }) {
    becomes("namenode", nn + name, is(value));
  }
  for (const std::string name :
       {"capacity_bytes", "used_bytes", "free_bytes", "log_bytes", "directories"}) {
    becomes("namenode", nn + name, more);
  }
  EXPECT_GE(metricOf(cluster, "namenode", nn + "database_bytes"), 0);
  becomes("namenode", "cairn_rpc_connections{server=\"namenode\"}", more);
  for (const std::string name : {"capacity", "used", "free"}) {
    becomes("datanode1", "cairn_datanode_volume_" + name + "_bytes{volume=\"1\"}", more);
  }
  becomes("datanode1", "cairn_datanode_volume_failed{volume=\"1\"}", is(0));

  cluster.kill("datanode2");
  becomes("namenode", nn + "datanodes_live", is(1));
  becomes("namenode", nn + "datanodes_dead", is(1));
  becomes("namenode", nn + "chunks_under_replicated", is(1));
  cluster.kill("datanode1");
  becomes("namenode", nn + "datanodes_dead", is(2));
  becomes("namenode", nn + "chunks_missing", is(1));
  becomes("namenode", nn + "capacity_bytes", is(0));
}

// Protects: whoever sends traffic by /readyz sends none to a daemon that could not serve it; and
// /healthz does not take such a daemon for dead.
TEST(PagesTest, WhoIsNotReadySaysWhy) {
  Daemons cluster({.datanodes = 1, .settings = "[fs]\nreplication = 1\n"});
  ASSERT_EQ(cluster.cairn({"admin", "safemode", "enter"}).code, 0);
  expectNotReady(cluster, "namenode", "safe mode");
  EXPECT_EQ(httpGet(cluster.httpAddressOf("namenode"), "/healthz").status, 200);
  ASSERT_EQ(cluster.cairn({"admin", "safemode", "leave"}).code, 0);
  EXPECT_EQ(readiness(cluster, "namenode").status, 200);

  cluster.kill("namenode");
  expectNotReady(cluster, "datanode1", cluster.addressOf("namenode"));
  EXPECT_EQ(httpGet(cluster.httpAddressOf("datanode1"), "/healthz").status, 200);
  cluster.kill("jobtracker");
  expectNotReady(cluster, "tasktracker1", cluster.addressOf("jobtracker"));
  cluster.start("namenode");
  cluster.start("jobtracker");
  for (const auto& daemon : ALL) {
    EXPECT_TRUE(eventually([&]() { return readiness(cluster, daemon).status == 200; }))
        << daemon << ": " << readiness(cluster, daemon).body;
  }
}

// Protects: whatever a stranger sends to the pages' port, the daemon lives and shows its pages.
TEST(PagesTest, GarbageIsAnsweredAndForgotten) {
  Daemons cluster({.datanodes = 1});
  for (const auto& daemon : ALL) {
    const auto address = cluster.httpAddressOf(daemon);
    for (const auto& message :
         {sampleNoise(100'000), std::string(64, '\0'), std::string("CAIRNRPC\0\1\2\3", 12),
          std::string("\x16\x03\x01\x02", 4), "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')}) {
      RawPeer peer(address);
      peer.send(message);
      const auto answer = peer.receive();
      EXPECT_TRUE(answer.starts_with("HTTP/1.1 4")) << daemon << ": " << answer;
    }
    RawPeer(address).send("GET / HT");  // and gone
    EXPECT_EQ(httpGet(address, "/healthz").status, 200) << daemon;
    EXPECT_TRUE(cluster.process(daemon).running()) << daemon;
  }
}

// Protects: a port in use is told with address and setting, and nothing is started without pages
// that were asked for; "none" starts it without.
TEST(PagesTest, APortInUseIsToldAndNoneIsAllowed) {
  Daemons cluster({.datanodes = 1, .jobs = false});
  const auto taken = cluster.httpAddressOf("namenode");
  const auto command = [&](const std::string& pages) {
    return std::vector<std::string>{"jobtracker", "--config", cluster.scratch() / "jobtracker.toml",
                                    "--jobtracker.http_address", pages};
  };
  const auto refused = cluster.cairn(command(taken));
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.err.find("jobtracker.http_address: address " + taken), std::string::npos)
      << refused.err;
  auto without = cluster.begin(command("none"), "without");
  EXPECT_TRUE(without->awaitLine("ready ").has_value()) << without->errors();
  EXPECT_EQ(without->errors().find("shows its pages"), std::string::npos) << without->errors();
  const auto open = cluster.cairn({"jobtracker", "--jobtracker.http_address", "0.0.0.0:0"});
  EXPECT_EQ(open.code, 2);
  EXPECT_NE(open.err.find("jobtracker.http_address"), std::string::npos) << open.err;
}

}  // namespace
}  // namespace cairn::testkit
