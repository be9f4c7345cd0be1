// Which names a directory surely does not have: for directories that were made since the store was
// opened, a hash of each name that has ever been in them. Creating a file asks for a name
// that is not there; in the tables that takes filters of each of their files (2.5 us in a profile
// of creates in new directories), here a look-up. Layer: meta (pure).  Threads: any; one at a time
// begins directories and adds names, before what it tells can be read in the tables. Cost: 6 to 11
// bytes a name; a lock without contention and a probe. The directories used last are kept.
//
// A name that has left again is still taken for one that may be there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/ids.h"

namespace cairn::nn {

class KnownNames {
public:
  // `bytesMax`: of the hashes of all directories.
  explicit KnownNames(std::size_t bytesMax) : slotsMax_(bytesMax / sizeof(Tag)) {}

  // A directory that is new, and empty. Every name that enters it from now on is to be added.
  void begin(InodeId directory);
  // Nothing where the directory was not begun.
  void add(InodeId directory, std::string_view name);
  // True: it is not there, at the moment of the call. False: not known.
  bool isAbsent(InodeId directory, std::string_view name);

  std::size_t directories() const;

private:
  // Of a name's hash; 0 stands for an empty slot.
  using Tag = std::uint32_t;
  // An open hash table without removal. Two names with one tag are taken for the same.
  struct Directory {
    InodeId id;
    std::vector<Tag> slots;  // a power of two
    std::size_t used = 0;
  };
  using ByUse = std::list<Directory>;

  static Tag tagOf(std::string_view name);
  // Where it is, or would be.
  static std::size_t placeOf(const std::vector<Tag>& slots, Tag tag);
  // REQUIRES, of all below: mutex_ is held.
  Directory* find(InodeId directory);
  void grow(Directory& directory);
  void forget(ByUse::iterator directory);

  const std::size_t slotsMax_;
  mutable std::mutex mutex_;
  ByUse byUse_;  // used last: in front
  std::unordered_map<InodeId, ByUse::iterator> byId_;
  std::size_t slots_ = 0;  // of all
};

}  // namespace cairn::nn
