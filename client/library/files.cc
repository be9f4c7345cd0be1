// The public faces of open files (client/include/cairn/files.h).
#include "cairn/files.h"

#include "client/library/input.h"
#include "client/library/output.h"

namespace cairn {

InputFile::InputFile(std::unique_ptr<library::Input> impl) : impl_(std::move(impl)) {}
InputFile::InputFile(InputFile&&) noexcept = default;
InputFile& InputFile::operator=(InputFile&&) noexcept = default;
InputFile::~InputFile() = default;

Result<std::size_t> InputFile::read(std::span<std::byte> to) { return impl_->read(to); }
Result<std::span<const std::byte>> InputFile::readView() { return impl_->readView(); }
Result<std::size_t> InputFile::pread(std::uint64_t offset, std::span<std::byte> to) {
  return impl_->pread(offset, to);
}
void InputFile::seek(std::uint64_t offset, std::uint64_t end) { impl_->seek(offset, end); }
std::uint64_t InputFile::position() const { return impl_->position(); }
Result<std::uint64_t> InputFile::refresh() { return impl_->refresh(); }
std::uint64_t InputFile::length() const { return impl_->length(); }
const Entry& InputFile::entry() const { return impl_->entry(); }

OutputFile::OutputFile(std::unique_ptr<library::Output> impl) : impl_(std::move(impl)) {}
OutputFile::OutputFile(OutputFile&&) noexcept = default;
OutputFile& OutputFile::operator=(OutputFile&&) noexcept = default;
OutputFile::~OutputFile() = default;

Result<void> OutputFile::write(std::span<const std::byte> bytes) { return impl_->write(bytes); }
Result<void> OutputFile::write(std::string_view text) {
  return impl_->write(std::as_bytes(std::span(text)));
}
Result<std::span<std::byte>> OutputFile::room() { return impl_->room(); }
Result<void> OutputFile::fill(std::size_t bytes) { return impl_->fill(bytes); }
Result<void> OutputFile::hflush() { return impl_->flush(client::FlushTo::MEMORY); }
Result<void> OutputFile::hsync() { return impl_->flush(client::FlushTo::DISK); }
Result<Entry> OutputFile::close() { return impl_->close(); }
void OutputFile::abandon() { impl_->abandon(); }
std::uint64_t OutputFile::position() const { return impl_->position(); }
std::uint64_t OutputFile::acknowledged() const { return impl_->acknowledged(); }

}  // namespace cairn
