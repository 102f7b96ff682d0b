"""Collection 催收管理: who may be contacted when, where a case stands on the ladder, what a promise came to, whom to call first. Pure: no input, no output, no clock."""
