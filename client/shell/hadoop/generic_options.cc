#include "client/shell/hadoop/generic_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>

#include "client/shell/hadoop/configuration_file.h"
#include "client/shell/hadoop/local_uri.h"
#include "client/shell/mode_change.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::string_view DEFAULT_FS = "fs.defaultFS";
constexpr std::string_view UMASK = "fs.permissions.umask-mode";
constexpr std::string_view NAMENODE = "client.namenode";
constexpr std::string_view REPLICATION = "fs.replication";
constexpr std::string_view CHUNK_SIZE = "fs.chunk_size";
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> PROPERTIES = {
    {{"dfs.replication", REPLICATION},
     {"dfs.blocksize", CHUNK_SIZE},
     {"dfs.block.size", CHUNK_SIZE},  // its name in old scripts
     {"fs.trash.interval", "fs.trash_interval_minutes"},
     {UMASK, "fs.umask"},
     {DEFAULT_FS, NAMENODE},
     {"fs.default.name", NAMENODE}}};
constexpr std::string_view HDFS_PORT = ":8020";

// "host:port" of "hdfs://host[:port][/]", or of "host[:port]" as old scripts have it.
Result<std::string> addressOf(std::string_view uri) {
  constexpr std::string_view SCHEME = "hdfs://";
  constexpr std::string_view LOCAL = "local";
  if (uri.starts_with(SCHEME)) {
    uri.remove_prefix(SCHEME.size());
  } else if (uri.empty() || uri == LOCAL || uri.find('/') != std::string_view::npos) {
    return fail(Code::INVALID_ARGUMENT, "No FileSystem for \"" + std::string(uri) + "\"");
  }
  uri = uri.substr(0, uri.find('/'));
  std::string address(uri);
  if (uri.find(':') == std::string_view::npos) address += HDFS_PORT;
  return address;
}

// An octal umask of one that tells the rights to leave: "u=rwx,g=rx,o=". All else as it is.
std::string umaskOf(std::string_view value) {
  const bool symbolic = value.find_first_of("+-=") != std::string_view::npos;
  const auto rights = ModeChange::parse(value, true);
  if (!symbolic || !rights.has_value()) return std::string(value);
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%03o",
                0777U & ~static_cast<unsigned>(rights->apply(0, true)));
  return octal.data();
}

bool isNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Those with a value, without their dash.
constexpr std::array<std::string_view, 7> OPTIONS = {"D",     "conf",    "fs",      "jt",
                                                     "files", "libjars", "archives"};

// A list of files for a job.
Result<void> checkFiles(std::string_view list) {
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = list.find(',');
    auto name = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    name = name.substr(0, name.find('#'));  // behind it: what the job calls it
    if (name.empty()) return fail(Code::INVALID_ARGUMENT, "File name can't be empty string");
    const auto path = localPathOf(name);
    const bool elsewhere = path.find(':') < path.find('/');  // another file system's
    std::error_code unseen;  // one that may not be looked at is as good as none
    if (elsewhere || std::filesystem::exists(path, unseen)) continue;
    return fail(Code::NOT_FOUND, "File " + std::string(name) + " does not exist");
  }
  return {};
}

class Taker {
public:
  explicit Taker(config::Settings& settings) : settings_(settings) {}

  Result<GenericOptions> take(std::span<const std::string> words) {
    std::size_t at = 0;
    for (; at < words.size() && words[at].starts_with('-'); ++at) {
      const std::string_view word = std::string_view(words[at]).substr(1);
      if (word.starts_with('D') && word.size() > 1) {
        define(std::string(word.substr(1)), "-D");
        continue;
      }
      const auto equals = word.find('=');
      const auto option = word.substr(0, equals);
      if (std::ranges::find(OPTIONS, option) == OPTIONS.end()) break;
      if (equals != std::string_view::npos) {
        TRY(takeOne(option, std::string(word.substr(equals + 1))));
      } else if (at + 1 < words.size()) {
        TRY(takeOne(option, words[++at]));
      } else {
        return fail(Code::INVALID_ARGUMENT, "Missing argument for option: " + std::string(option));
      }
    }
    for (const auto& [property, origin] : defined_) TRY(apply(property, origin));
    GenericOptions left{.words = {words.begin() + static_cast<long>(at), words.end()},
                        .refused = std::nullopt};
    if (!refused_.empty()) left.refused = std::move(refused_.begin()->second);
    return left;
  }

private:
  Result<void> takeOne(std::string_view option, const std::string& value) {
    if (option == "D") {
      define(value, "-D");
    } else if (option == "fs") {
      define(std::string(DEFAULT_FS) + "=" + value, "-fs");
    } else if (option == "conf") {
      TRY(applyFile(localPathOf(value)));
    } else if (option != "jt") {
      TRY(checkFiles(value));
    }
    return {};
  }

  void define(const std::string& text, const std::string& option) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) return;
    defined_.push_back(
        {{.name = text.substr(0, equals), .value = text.substr(equals + 1)}, option + " " + text});
  }

  Result<void> applyFile(const std::string& path) {
    const auto properties = readConfiguration(path);
    // Also when it is missing: that is wrong usage here.
    if (!properties.has_value()) {
      return fail(Code::INVALID_ARGUMENT, properties.error().message());
    }
    for (const auto& property : *properties) {
      TRY(apply(property, "-conf " + path + ": " + property.name));
    }
    return {};
  }

  Result<void> apply(const Property& property, const std::string& origin) {
    const auto known = std::ranges::find(PROPERTIES, std::string_view(property.name),
                                         &std::pair<std::string_view, std::string_view>::first);
    if (known == PROPERTIES.end()) return {};
    auto value = property.value;
    if (value.find("${") != std::string::npos) {
      return fail(Code::INVALID_ARGUMENT, origin + ": other properties within a value, as in '" +
                                              value + "', are not supported");
    }
    if (known->first == UMASK) value = umaskOf(value);
    if (known->second == NAMENODE) {
      auto address = addressOf(value);
      if (!address.has_value()) return fail(address.error().withContext(origin));
      value = *address;
    }
    auto set = settings_.set(known->second, value, origin);
    const bool ofFiles = known->second == REPLICATION || known->second == CHUNK_SIZE;
    if (ofFiles) refused_.erase(known->second);
    if (set.has_value() || !ofFiles || !isNumber(value)) return set;
    refused_.emplace(known->second, std::move(set).error());
    return {};
  }

  config::Settings& settings_;
  std::vector<std::pair<Property, std::string>> defined_;  // with -D and -fs, and where
  std::map<std::string_view, Status> refused_;             // by our key
};

}  // namespace

Result<GenericOptions> takeGenericOptions(std::span<const std::string> words,
                                          config::Settings& settings) {
  Taker taker(settings);
  return taker.take(words);
}

}  // namespace cairn::shell::hadoop
