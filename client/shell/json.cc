#include "client/shell/json.h"

#include <array>
#include <cstdio>

#include "client/shell/compression.h"
#include "client/shell/storage_policy.h"
#include "client/shell/text.h"
#include "client/shell/utf8.h"

namespace cairn::shell {

std::string jsonString(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto c = decodeUtf8(text, at);
    const auto bytes = text.substr(at, c.bytes);
    at += c.bytes;
    if (!c.valid) {
      out += "\\ufffd";
    } else if (c.point == '"' || c.point == '\\') {
      out += '\\';
      out += bytes;
    } else if (c.point == '\n') {
      out += "\\n";
    } else if (c.point < 0x20 || c.point == 0x7f) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c.point));
      out += escaped.data();
    } else {
      out += bytes;
    }
  }
  return out + "\"";
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return raw(name, jsonString(value));
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_ += ",";
  members_ += jsonString(name) + ":";
  members_ += json;
  return *this;
}

void JsonArray::add(std::string_view json) {
  if (!elements_.empty()) elements_ += ",\n";
  elements_ += json;
}

JsonObject jsonOf(std::string_view path, const Entry& entry) {
  JsonObject object;
  object.text("path", path)
      .text("type", entry.isDirectory() ? "directory" : "file")
      .number("id", entry.id)
      .text("mode", octalRights(entry))
      .text("owner", entry.owner)
      .text("group", entry.group)
      .number("mtime_ms", entry.mtimeMs)
      .number("atime_ms", entry.atimeMs);
  if (entry.storagePolicy != 0) {
    object.text("storage_policy", nameOfStoragePolicy(entry.storagePolicy));
  }
  if (const auto codec = codecName(entry); !codec.empty()) {
    object.text("codec", codec);
    if (entry.codec == Codec::ZSTD) object.number("zstd_level", entry.zstdLevel);
  }
  if (entry.isDirectory()) return object;
  object.number("length", entry.length)
      .number("stored_length", entry.storedLength)
      .number("replication", entry.replication)
      .number("chunk_size", entry.chunkSize)
      .number("chunks", entry.chunkCount)
      .boolean("under_construction", entry.underConstruction);
  return object;
}

JsonObject jsonOf(std::string_view path, const ContentSummary& summary) {
  JsonObject object;
  object.text("path", path)
      .number("directories", summary.directories)
      .number("files", summary.files)
      .number("length", summary.length)
      .number("space_consumed", summary.spaceConsumed)
      .number("stored_length", summary.storedLength)
      .number("stored_consumed", summary.storedConsumed);
  return object;
}

}  // namespace cairn::shell
