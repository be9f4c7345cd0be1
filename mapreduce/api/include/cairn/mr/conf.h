// A job's configuration: flat text keys and values under Hadoop's names, handed to every task.
// Layer: mapreduce api (std only, installed).  Threads: a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::mr {

class JobConf {
public:
  void set(std::string_view key, std::string_view value) {
    values_.insert_or_assign(std::string(key), std::string(value));
  }
  std::optional<std::string_view> find(std::string_view key) const {
    const auto at = values_.find(key);
    if (at == values_.end()) return std::nullopt;
    return std::string_view(at->second);
  }
  std::string_view get(std::string_view key, std::string_view otherwise) const {
    return find(key).value_or(otherwise);
  }
  // `otherwise` also when the value is not a decimal integer that fits; what the engine itself
  // depends on is checked when the job starts, see engine_conf.h.
  std::int64_t getInt(std::string_view key, std::int64_t otherwise) const;
  // "true" and "false" in any case; `otherwise` for anything else.
  bool getBool(std::string_view key, bool otherwise) const;

  const std::map<std::string, std::string, std::less<>>& all() const { return values_; }
  bool operator==(const JobConf&) const = default;

private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace cairn::mr
