"""The only code that touches the machine: processes, files, HTTP transport, the directory tree."""
