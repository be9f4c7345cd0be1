#include "client/shell/hadoop/configuration_file.h"

#include <expat.h>
#include <memory>
#include <utility>

#include "common/config/read_file.h"

namespace cairn::shell::hadoop {
namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view SPACE = " \t\r\n";
  const auto first = text.find_first_not_of(SPACE);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(SPACE) - first + 1));
}

// <configuration> <property> <name>k</name> <value>v</value> </property> ... </configuration>, or
// <property name="k" value="v"/>. Other elements say nothing here.
class Reader {
public:
  Result<std::vector<Property>> read(std::string_view xml) {
    const std::unique_ptr<XML_ParserStruct, decltype(&::XML_ParserFree)> parser(
        ::XML_ParserCreate(nullptr), &::XML_ParserFree);
    if (parser == nullptr) return fail(Code::INTERNAL, "no memory for an XML parser");
    parser_ = parser.get();
    ::XML_SetUserData(parser_, this);
    ::XML_SetElementHandler(
        parser_,
        [](void* self, const char* name, const char** attributes) {
          static_cast<Reader*>(self)->begin(name, attributes);
        },
        [](void* self, const char* name) { static_cast<Reader*>(self)->end(name); });
    ::XML_SetCharacterDataHandler(parser_, [](void* self, const char* text, int length) {
      static_cast<Reader*>(self)->text_.append(text, static_cast<std::size_t>(length));
    });
    const auto status = ::XML_Parse(parser_, xml.data(), static_cast<int>(xml.size()), 1);
    if (status == XML_STATUS_OK) return std::move(properties_);
    return fail(Code::INVALID_ARGUMENT,
                "line " + std::to_string(::XML_GetCurrentLineNumber(parser_)) + ": " +
                    (why_.empty() ? ::XML_ErrorString(::XML_GetErrorCode(parser_)) : why_));
  }

private:
  void begin(std::string_view name, const char** attributes) {
    ++depth_;
    text_.clear();
    if (depth_ == 1 && name != "configuration") {
      refuse("<" + std::string(name) + "> where Hadoop's files have <configuration>");
    } else if (name.ends_with(":include")) {
      refuse("<" + std::string(name) + "> is not supported");
    } else if (depth_ == 2 && name == "property") {
      current_ = {};
      for (; attributes[0] != nullptr; attributes += 2) take(attributes[0], attributes[1]);
    }
    inProperty_ = depth_ == 2 ? name == "property" : inProperty_;
  }

  void end(std::string_view name) {
    if (depth_ == 3 && inProperty_) take(name, text_);
    if (depth_ == 2 && inProperty_ && !current_.name.empty()) {
      properties_.push_back(std::move(current_));
    }
    --depth_;
    text_.clear();
  }

  void take(std::string_view what, std::string_view text) {
    if (what == "name") current_.name = trimmed(text);
    if (what == "value") current_.value = trimmed(text);
  }

  void refuse(std::string why) {
    why_ = std::move(why);
    ::XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_ = nullptr;
  std::vector<Property> properties_;
  Property current_;
  std::string text_;  // of the innermost element
  std::string why_;   // it was refused
  int depth_ = 0;     // elements that are open
  bool inProperty_ = false;
};

}  // namespace

Result<std::vector<Property>> parseConfiguration(std::string_view xml) {
  Reader reader;
  return reader.read(xml);
}

Result<std::vector<Property>> readConfiguration(const std::string& path) {
  ASSIGN(const auto content, config::readSmallFile(path, path));
  auto properties = parseConfiguration(content);
  if (!properties.has_value()) return fail(properties.error().withContext(path));
  return properties;
}

}  // namespace cairn::shell::hadoop
