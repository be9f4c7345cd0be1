#include "cairn/mr/text_writer.h"

namespace cairn::mr {

bool TextWriter::flush() {
  if (used_ > 0 && !failed_) failed_ = !sink_.write({buffer_.get(), used_});
  bytesFlushed_ += used_;
  used_ = 0;
  return !failed_;
}

void TextWriter::makeRoom(std::size_t bytes) {
  flush();
  if (bytes <= room_) return;
  buffer_.reset(new char[bytes]);
  room_ = bytes;
}

}  // namespace cairn::mr
