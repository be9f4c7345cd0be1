// Protects: Hadoop's configuration files are read as Hadoop reads them, and what is none is refused
// with the line.
#include "client/shell/hadoop/configuration_file.h"

#include <gtest/gtest.h>

namespace cairn::shell::hadoop {
namespace {

// "name=value;" of each property, or why not.
std::string read(std::string_view xml) {
  const auto properties = parseConfiguration(xml);
  if (!properties.has_value()) return properties.error().message();
  std::string text;
  for (const auto& [name, value] : *properties) text += name + "=" + value + ";";
  return text;
}

TEST(ConfigurationFile, HasNamesAndValues) {
  EXPECT_EQ(read(R"(<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="configuration.xsl"?>
<!-- Put site-specific property overrides in this file. -->
<configuration>
  <property>
    <name>fs.defaultFS</name>
    <value>
      hdfs://nn1:8020
    </value>
    <description>Where <b>files</b> are; <value>not this</value></description>
    <final>true</final>
  </property>
  <property name="dfs.replication" value="2"/>
  <property><value>a &lt;&amp;<![CDATA[<b>]]></value><name>odd</name></property>
  <property><name>empty</name></property>
  <property><value>nameless</value></property>
  <other><name>x</name><value>y</value></other>
</configuration>)"),
            "fs.defaultFS=hdfs://nn1:8020;dfs.replication=2;odd=a <&<b>;empty=;");
  EXPECT_EQ(read("<configuration/>"), "");
}

TEST(ConfigurationFile, NamesTheLineOfWhatIsWrong) {
  EXPECT_EQ(read(""), "line 1: no element found");
  EXPECT_EQ(read("fs.defaultFS=x"), "line 1: not well-formed (invalid token)");
  EXPECT_EQ(read("<configuration>\n<property>\n</configuration>"), "line 3: mismatched tag");
  EXPECT_EQ(read("<configuration></configuration>\n<x/>"), "line 2: junk after document element");
  EXPECT_EQ(read("<html>\n</html>"), "line 1: <html> where Hadoop's files have <configuration>");
  EXPECT_EQ(read("<configuration>\n<xi:include href='/etc/passwd'/></configuration>"),
            "line 2: <xi:include> is not supported");
}

// Nothing is fetched, and what grows without end is given up.
TEST(ConfigurationFile, EntitiesAreNoWayOut) {
  EXPECT_EQ(read("<!DOCTYPE c [<!ENTITY f SYSTEM \"file:///etc/hostname\">]>"
                 "<configuration><property><name>n</name><value>a&f;b</value></property>"
                 "</configuration>"),
            "n=ab;");
  std::string bomb = "<!DOCTYPE c [<!ENTITY e0 \"0123456789\">";
  for (int i = 1; i <= 9; ++i) {
    bomb += "<!ENTITY e" + std::to_string(i) + " \"";
    for (int times = 0; times < 10; ++times) bomb += "&e" + std::to_string(i - 1) + ";";
    bomb += "\">";
  }
  bomb += "]><configuration><property><name>n</name><value>&e9;</value></property></configuration>";
  EXPECT_EQ(read(bomb),
            "line 1: limit on input amplification factor (from DTD and entities) breached");
}

}  // namespace
}  // namespace cairn::shell::hadoop
