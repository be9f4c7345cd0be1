#include "mapreduce/task/job_options.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/suggest.h"
#include "mapreduce/api/engine_conf.h"

namespace cairn::mr {
namespace {

constexpr std::array<std::string_view, 6> FLAGS{"--local",    "--reduces",    "-D",
                                                "--namenode", "--jobtracker", "--help"};

std::unexpected<Status> wrong(std::string why) {
  return fail(Code::INVALID_ARGUMENT, std::move(why));
}

Result<std::uint32_t> reducesFrom(std::string_view text) {
  std::uint32_t count = 0;
  const auto* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || at != end || count > REDUCES_MAX) {
    return wrong("--reduces: '" + std::string(text) + "' is no number from 0 to " +
                 std::to_string(REDUCES_MAX));
  }
  return count;
}

Result<void> define(JobSettings& settings, std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return wrong("-D: '" + std::string(text) + "' is not KEY=VALUE");
  }
  const auto key = text.substr(0, equals);
  const auto value = text.substr(equals + 1);
  settings.conf.set(key, value);
  if (key == "mapreduce.job.reduces") {
    ASSIGN(settings.reduces, reducesFrom(value));
  } else if (key == "mapreduce.job.name") {
    settings.name = value;
  }
  return {};
}

}  // namespace

Result<JobOptions> parseJobOptions(JobSettings settings, std::span<const std::string> args) {
  JobOptions options;
  options.settings = std::move(settings);
  std::vector<std::string> paths;
  bool onlyPaths = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (onlyPaths || !arg.starts_with('-') || arg == "-") {
      paths.push_back(arg);
      continue;
    }
    if (arg == "--") {
      onlyPaths = true;
      continue;
    }
    // "--flag value" or "--flag=value"; "-D key=value" or "-Dkey=value".
    std::string flag = arg;
    std::optional<std::string> given;
    if (arg.starts_with("-D") && arg.size() > 2) {
      flag = "-D";
      given = arg.substr(2);
    } else if (const auto equals = arg.find('='); arg.starts_with("--") && equals != arg.npos) {
      flag = arg.substr(0, equals);
      given = arg.substr(equals + 1);
    }
    if (flag == "--help" || flag == "-h") {
      options.help = true;
      return options;
    }
    if (flag == "--local") {
      if (given) return wrong("--local takes no value");
      options.local = true;
      continue;
    }
    if (flag != "-D" && flag != "--reduces" && flag != "--namenode" && flag != "--jobtracker") {
      return wrong("unknown option " + flag + didYouMean(flag, FLAGS));
    }
    if (!given) {
      if (i + 1 == args.size()) return wrong(flag + " needs a value");
      given = args[++i];
    }
    if (flag == "-D") {
      TRY(define(options.settings, *given));
    } else if (flag == "--reduces") {
      ASSIGN(options.settings.reduces, reducesFrom(*given));
    } else if (flag == "--namenode") {
      options.cluster.namenode = *given;
    } else {
      options.cluster.jobtracker = *given;
    }
  }
  auto& job = options.settings;
  if (!paths.empty()) {
    if (job.output.empty() || paths.size() > 1 || job.inputs.empty()) {
      job.output = paths.back();
      paths.pop_back();
    }
    if (!paths.empty()) job.inputs = std::move(paths);
  }
  if (job.inputs.empty() || job.output.empty()) {
    return wrong("name the input, or several, and then the output directory");
  }
  return options;
}

std::string jobHelp(std::string_view program, const JobSettings& settings) {
  const std::string name(program);
  return "Usage: " + name +
         " [OPTION]... IN... OUT\n\n"
         "Runs the MapReduce job '" +
         settings.name +
         "' over the text files or directories IN; the result appears as\n"
         "directory OUT, which must not exist.\n\n"
         "  --local                 in this process, on local files\n"
         "  --reduces N             files of the result; 0: the maps' output is the result\n"
         "  -D KEY=VALUE            sets a key of the configuration, under Hadoop's names\n"
         "  --namenode HOST:PORT    default: CAIRN_NAMENODE, the configuration file, "
         "127.0.0.1:8020\n"
         "  --jobtracker HOST:PORT  default: CAIRN_JOBTRACKER, the configuration file, "
         "127.0.0.1:8021\n\n"
         "Exit codes: 0 done, 1 failed, 2 wrong usage.\n"
         "Example: " +
         name + " --local --reduces 2 /usr/share/common-licenses /tmp/out\n";
}

}  // namespace cairn::mr
