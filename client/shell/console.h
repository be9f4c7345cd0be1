// Where a command writes: standard output for results, standard error for messages and progress.
// Layer: client/shell.  Threads: one at a time.
//
// Output is buffered; a failed write (a full disk, a closed pipe) is remembered and turns the exit
// code of the process into EXIT_FAILED, silently for a closed pipe, as `ls | head` wants it.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

namespace cairn::shell {

class Console {
public:
  // Descriptors are not owned. `program` stands before each message: "cairn: ".
  Console(int out, int err, std::string program);
  // Flushes.
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // To standard output, as it is.
  void print(std::string_view text);
  // To standard error, as "<program>: <message>\n", after what was printed before.
  void complain(std::string_view message);
  // To standard error, as it is, at once. For progress and for messages in another program's
  // manner. From any thread.
  void printError(std::string_view text);
  // One line on standard error that the next one, or any message, replaces; "" removes it. For
  // terminals only: call it when errIsTerminal(). `keep` ends it with a newline instead.
  void showStatus(std::string_view line, bool keep = false);
  // Hands everything printed to the system. False when any write so far failed.
  bool flush();
  // Whether a write failed: nothing that is printed from now on arrives, so stop producing it.
  bool broken() const { return failed_; }

  bool outIsTerminal() const { return outIsTerminal_; }
  bool errIsTerminal() const { return errIsTerminal_; }
  int out() const { return out_; }

private:
  void writeOut(std::string_view text);

  int out_;
  int err_;
  std::string program_;
  bool outIsTerminal_;
  bool errIsTerminal_;
  bool failed_ = false;
  std::atomic<bool> statusShown_ = false;
  std::string buffer_;
};

}  // namespace cairn::shell
