# What is installed: the binary, the client library and its CMake package and pkg-config file.
