// Reads a note of a volume (note_text.h), whatever it says.
// Layer: datanode/store.  Threads: the event loop's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/log/log.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

// All of static lifetime.
template <typename T>
struct NoteFile {
  std::string_view name;
  std::size_t bytesMax = 0;  // a longer file is not read
  Result<T> (*decode)(std::string_view text) = nullptr;
  std::string_view otherwise{};  // what follows when it cannot be read: "damage is found anew"
};

// Nothing when there is none, or none that can be read, which the log tells.
template <typename T>
kj::Promise<std::optional<T>> readNote(ReplicaStore& store, std::size_t volume, Urgency urgency,
                                       NoteFile<T> file) {
  auto note = co_await store.run(volume, urgency, [file](Volume& on) -> Result<std::optional<T>> {
    ASSIGN(const auto text, on.readNote(file.name, file.bytesMax));
    if (!text.has_value()) return std::optional<T>();
    auto decoded = file.decode(*text);
    if (!decoded.has_value()) {
      return fail(decoded.error().code(),
                  on.path() + "/" + std::string(file.name) + ": " + decoded.error().message());
    }
    return std::optional<T>(*std::move(decoded));
  });
  if (note.has_value()) co_return *std::move(note);
  LOG(WARNING) << "the note \"" << file.name << "\" cannot be read, " << file.otherwise << ": "
               << note.error().message();
  co_return std::nullopt;
}

}  // namespace cairn::dn
