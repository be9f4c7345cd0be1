// `cairn test`: questions for scripts.
#include <array>
#include <string>

#include "client/shell/access.h"
#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn test -e|-f|-d|-s|-z|-r|-w PATH

Tells by its exit code whether something is so.

  -e  it exists
  -f  it is a file
  -d  it is a directory
  -s  it has bytes in it
  -z  it exists and has none
  -r  you may read it
  -w  you may write it

Exit codes: 0 it is so, 1 it is not, 2 wrong usage or the namenode does not answer.
Example: cairn test -e /jobs/17/_SUCCESS && cairn get -r /jobs/17 .
)";

constexpr std::string_view LETTERS = "efdszrw";
constexpr std::array FLAGS = {Flag{.letter = 'e', .name = ""}, Flag{.letter = 'f', .name = ""},
                              Flag{.letter = 'd', .name = ""}, Flag{.letter = 's', .name = ""},
                              Flag{.letter = 'z', .name = ""}, Flag{.letter = 'r', .name = ""},
                              Flag{.letter = 'w', .name = ""}};

constexpr int YES = 0;
constexpr int NO = 1;
constexpr int UNKNOWN = 2;

Result<bool> holds(Verb& verb, Client& client, char letter, const Entry& entry) {
  const auto& user = verb.connection().config().user;
  switch (letter) {
    case 'f': return !entry.isDirectory();
    case 'd': return entry.isDirectory();
    case 's': return entry.length > 0;
    case 'z': return entry.length == 0;
    case 'r': return mayAccess(client, user, entry, Access::READ);
    case 'w': return mayAccess(client, user, entry, Access::WRITE);
    default: return true;
  }
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1, .operandsMax = 1});
  if (!verb) return EXIT_USAGE;
  char asked = 0;
  for (const char letter : LETTERS) {
    if (!verb->has({&letter, 1})) continue;
    if (asked != 0) return verb->misuse("one question at a time");
    asked = letter;
  }
  if (asked == 0) return verb->misuse("what is to be tested?");
  const auto item = verb->lookUpOperand(verb->operands()[0]);
  if (!item) return UNKNOWN;
  if (!item->entry) return NO;
  auto yes = holds(*verb, *verb->client(), asked, *item->entry);
  if (yes.has_value()) return *yes ? YES : NO;
  verb->fail(item->shown, yes.error());
  return UNKNOWN;
}

}  // namespace

const Command TEST_COMMAND{
    .name = "test", .summary = "test for files, for scripts", .help = HELP, .run = run};

}  // namespace cairn::shell
