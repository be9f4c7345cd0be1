// TextOutput: "key TAB value NEWLINE", as Hadoop's TextOutputFormat prints it.
// Layer: mapreduce api (std only, installed).  Threads: the task's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "cairn/mr/codec.h"

namespace cairn::mr {

// Gathers lines and hands them on in large pieces.
class TextWriter {
public:
  // Where the pieces go. False: it failed, and keeps the reason.
  class Sink {
  public:
    virtual ~Sink() = default;
    virtual bool write(std::string_view bytes) = 0;
  };
  // Bytes gathered before they are handed on.
  static constexpr std::size_t PIECE_BYTES = std::size_t{1} << 20;

  // `separator` stands between key and value: mapreduce.output.textoutputformat.separator.
  TextWriter(Sink& sink, std::string_view separator)
      : sink_(sink), separator_(separator), buffer_(new char[PIECE_BYTES]), room_(PIECE_BYTES) {}

  // Appends one line. After a failure of the sink nothing more is written.
  template <typename K, typename V>
  void write(ParamOf<K> key, ParamOf<V> value) {
    std::size_t most = separator_.size() + 1;
    if constexpr (!std::same_as<K, None>) most += TextCodec<K>::size(key);
    if constexpr (!std::same_as<V, None>) most += TextCodec<V>::size(value);
    if (room_ - used_ < most) makeRoom(most);
    char* at = buffer_.get() + used_;
    if constexpr (!std::same_as<K, None>) at += TextCodec<K>::encode(key, at);
    if constexpr (!std::same_as<K, None> && !std::same_as<V, None>) {
      if (separator_.size() == 1) {
        *at++ = separator_[0];
      } else {
        at += TextCodec<std::string_view>::encode(separator_, at);
      }
    }
    if constexpr (!std::same_as<V, None>) at += TextCodec<V>::encode(value, at);
    *at++ = '\n';
    used_ = static_cast<std::size_t>(at - buffer_.get());
    ++records_;
  }

  // Hands on what is gathered. False when this or an earlier piece failed.
  bool flush();
  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const { return bytesFlushed_ + used_; }
  bool failed() const { return failed_; }

private:
  // Afterwards at least `bytes` are free.
  void makeRoom(std::size_t bytes);

  Sink& sink_;
  std::string separator_;
  std::unique_ptr<char[]> buffer_;
  std::size_t room_;
  std::size_t used_ = 0;
  std::uint64_t records_ = 0;
  std::uint64_t bytesFlushed_ = 0;
  bool failed_ = false;
};

}  // namespace cairn::mr
