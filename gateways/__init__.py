"""Gateways: providers of text messages behind one protocol.

Owns `sandbox_text`, the texts of the sandbox provider. Knows no other package but the kernel: what a text is
for, and what follows from a receipt, is decided by `notifications`.
"""
