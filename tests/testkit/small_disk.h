// A file system of a test's own that is soon full. Only this process and its children see it.
// Layer: tests/testkit.  Threads: one.
#pragma once

#include <cstdint>
#include <string>

namespace cairn::testkit {

class SmallDisk {
public:
  // Whether this system lets a test have one: as root, or where users may have namespaces. The
  // first call moves this process there. REQUIRES (of the first): no other threads yet.
  static bool available();

  // Of so many bytes (in memory), at `path`, which is made. Aborts when it cannot.
  // REQUIRES: available().
  SmallDisk(std::string path, std::uint64_t bytes);
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t freeBytes() const;
  // Takes space by a file "ballast" until no more than `left` bytes are free.
  void fill(std::uint64_t left = 0);
  // Gives back what fill() took.
  void clear();

private:
  const std::string path_;
};

}  // namespace cairn::testkit
