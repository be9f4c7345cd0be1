// A cairn.toml as a layer of settings. The only file that knows toml++.
#define TOML_EXCEPTIONS 0
// Its parser asserts, before it tells the error, what a file may well violate ("[%name]").
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "common/base/suggest.h"
#include "common/config/load.h"
#include "common/config/toml_text.h"

namespace cairn::config {
namespace {

struct Leaf {
  std::string key;
  const toml::node* node;
};

// The values of the file under their full keys; an empty table stands for itself.
void collect(const toml::table& table, const std::string& prefix, std::vector<Leaf>& to) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table(); inner != nullptr && !inner->empty()) {
      collect(*inner, key + ".", to);
    } else {
      to.push_back({key, &node});
    }
  }
}

bool takes(const SettingSpec& spec, const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::string: return spec.type != SettingType::TEXT_LIST;
    case toml::node_type::boolean: return spec.type == SettingType::BOOLEAN;
    case toml::node_type::floating_point: return spec.type == SettingType::DECIMAL;
    case toml::node_type::integer:
      // 22 could be meant as decimal or octal: only 0o22 and "022" are clear.
      if (spec.type == SettingType::FILE_MODE) {
        return (node.as_integer()->flags() & toml::value_flags::format_as_octal) !=
               toml::value_flags::none;
      }
      return spec.type == SettingType::INTEGER || spec.type == SettingType::BYTES ||
             spec.type == SettingType::MILLIS || spec.type == SettingType::DECIMAL;
    default: return false;
  }
}

// How the value is written, for messages and for parseSetting.
std::string textOf(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  std::ostringstream out;
  node.visit([&](const auto& typed) { out << typed; });
  std::string text = out.str();
  return text.starts_with("0o") ? text.substr(2) : text;
}

std::string writtenForm(const SettingSpec& spec) {
  if (spec.type == SettingType::TEXT_LIST) return "a list of texts such as [\"a\", \"b\"]";
  const bool quoted = spec.type == SettingType::TEXT || spec.type == SettingType::ADDRESS ||
                      spec.type == SettingType::FILE_MODE;
  return allowedValues(spec) + (quoted ? ", in quotes" : "");
}

Result<void> applyLeaf(const Leaf& leaf, const std::string& origin, Settings& to) {
  const auto at = findSetting(leaf.key);
  if (!at) {
    if (leaf.node->is_table()) {
      for (const auto& spec : settingTable()) {
        if (spec.key.starts_with(leaf.key + ".")) return {};  // a section without settings
      }
      return fail(Code::INVALID_ARGUMENT, origin + ": there is no section '" + leaf.key + "'");
    }
    return to.set(leaf.key, "", origin);  // says that there is no such setting
  }
  const SettingSpec& spec = settingTable()[*at];
  const auto wrongType = [&] {
    return fail(Code::INVALID_ARGUMENT, origin + ": " + leaf.key + " is '" + textOf(*leaf.node) +
                                            "'; it must be " + writtenForm(spec));
  };
  if (const auto* array = leaf.node->as_array(); array && spec.type == SettingType::TEXT_LIST) {
    std::vector<std::string> items;
    for (const auto& item : *array) {
      if (!item.is_string()) return wrongType();
      items.push_back(item.as_string()->get());
    }
    return to.setList(leaf.key, std::move(items), origin);
  }
  if (!takes(spec, *leaf.node)) return wrongType();
  return to.set(leaf.key, textOf(*leaf.node), origin);
}

}  // namespace

Result<void> applyToml(std::string_view content, const std::string& fileName, Settings& to) {
  const auto originAt = [&](const toml::source_region& where) {
    return fileName + ":" + std::to_string(where.begin.line);
  };
  if (const auto line = lineOfStrayUnicode(content)) {
    return fail(Code::INVALID_ARGUMENT,
                fileName + ":" + std::to_string(*line) +
                    ": a character that is not ASCII; write it in quotes, or behind a #");
  }
  const toml::parse_result parsed = toml::parse(content, fileName);
  if (!parsed) {
    return fail(Code::INVALID_ARGUMENT, originAt(parsed.error().source()) + ": " +
                                            std::string(parsed.error().description()));
  }
  std::vector<Leaf> leaves;
  collect(parsed.table(), "", leaves);
  // The first mistake in the file is reported, not the first by name.
  std::ranges::stable_sort(leaves, {},
                           [](const Leaf& leaf) { return leaf.node->source().begin.line; });
  for (const auto& leaf : leaves) {
    TRY(applyLeaf(leaf, originAt(leaf.node->source()), to));
  }
  return {};
}

}  // namespace cairn::config
