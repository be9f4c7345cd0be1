import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.PrivilegedExceptionAction;
import java.util.*;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FsShell;
import org.apache.hadoop.hdfs.tools.DFSAdmin;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.util.ToolRunner;

// Records the sessions of this folder anew: compile it against the jars of Hadoop, start a namenode on
// 127.0.0.1:9820 and a datanode, and run it in a directory with the local files that files.txt names:
//   java HadoopSession IN OUT [IN OUT]...
// Lines "$ command" of IN (or "bob$ command": as that user; "dfsadmin$ command": of dfsadmin) are run,
// all in one process; OUT gets them with what they answered. CACHE=1: with one client for all, as
// appends after a failed append need it, and as one command of a user has it (without, a directory
// may be moved into itself: destinations.txt); without, properties (-D) reach each command.
public class HadoopSession {
  static List<String> split(String s) {
    List<String> words = new ArrayList<>(); StringBuilder w = new StringBuilder(); boolean q = false;
    for (char c : s.toCharArray()) {
      if (c == '\'') q = !q; else if (c == ' ' && !q) { words.add(w.toString()); w.setLength(0); } else w.append(c);
    }
    words.add(w.toString()); return words;
  }
  static String comparable(String t, String cwd) {
    t = t.replace("127.0.0.1:9820", "NAMENODE").replace(cwd, "CWD");
    t = t.replaceAll("(?s)\nGeneric options supported are:.*?\\[genericOptions\\] \\[commandOptions\\]\n\n?", "");
    t = t.replaceAll("(\t\\[-|Usage: hadoop fs )[^\n]*\n", "");
    t = t.replaceAll("\\.Trash/\\d{12}", ".Trash/CHECKPOINT").replaceAll("(?<=[a-z])\\d{13}", "MILLIS"); return t.replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d(:\\d\\d)?", "TIME");
  }
  static void lines(PrintWriter out, String prefix, String text) {
    if (text.isEmpty()) return;
    text = text.replace("\t", "<TAB>");
    if (text.endsWith("\n")) text = text.substring(0, text.length() - 1);
    for (String l : text.split("\n", -1)) out.println(prefix + l);
  }
  public static void main(String[] a) throws Exception {
    PrintStream realOut = System.out, realErr = System.err;
    String cwd = new File("").getAbsolutePath();
    for (int i = 0; i + 1 < a.length; i += 2) {
      PrintWriter w = new PrintWriter(new OutputStreamWriter(new FileOutputStream(a[i + 1]), StandardCharsets.UTF_8));
      for (String line : Files.readAllLines(Paths.get(a[i]))) {
        int at = line.indexOf("$ ");
        if (at < 0 || line.startsWith("#") || line.substring(0, at).contains(" ")) { w.println(line); continue; }
        String user = line.substring(0, at);
        List<String> words = split(line.substring(at + 2).replace("NAMENODE", "127.0.0.1:9820"));
        ByteArrayOutputStream o = new ByteArrayOutputStream(), e = new ByteArrayOutputStream();
        System.setOut(new PrintStream(o, true, "UTF-8")); System.setErr(new PrintStream(e, true, "UTF-8"));
        System.setIn(new ByteArrayInputStream("from stdin\n".getBytes()));
        PrivilegedExceptionAction<Integer> act = () -> {
          if (user.equals("dfsadmin")) return ToolRunner.run(new DFSAdmin(new Configuration()), words.toArray(new String[0]));
          FsShell shell = new FsShell(); Configuration conf = new Configuration(); conf.setBoolean("fs.hdfs.impl.disable.cache", System.getenv("CACHE") == null); shell.setConf(conf);
          try { return ToolRunner.run(shell, words.toArray(new String[0])); } finally { shell.close(); }
        };
        int code;
        try { code = user.isEmpty() || user.equals("dfsadmin") ? act.run() : UserGroupInformation.createRemoteUser(user).doAs(act); }
        catch (Throwable t) { code = 99; System.err.println("THROWN " + t); }
        System.out.flush(); System.err.flush();
        System.setOut(realOut); System.setErr(realErr);
        w.println(line); w.println("exit " + (code & 255));
        lines(w, "out|", comparable(o.toString("UTF-8"), cwd)); lines(w, "err|", comparable(e.toString("UTF-8"), cwd));
      }
      w.close();
    }
    System.exit(0);
  }
}
