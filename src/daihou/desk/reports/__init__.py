"""Inspection reports 贷后检查报告: made of what the system knows, worded by people, approved by two others, kept."""
