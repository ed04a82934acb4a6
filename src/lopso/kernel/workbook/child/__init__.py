"""Takes a workbook apart in a process of its own: ``python -I -m lopso.kernel.workbook.child < file``.

Reads the file from standard input, writes one JSON object to standard output: ``{"sheets": […]}`` or
``{"refused": "reason"}``. The file may be hostile: memory and processor time are limited before a byte is
looked at, unpacked sizes are counted while unpacking, XML is searched for a document type before the
reading library sees it. Imports nothing of the application, so that nothing of it (settings, secrets,
connections) is in this process.
"""
