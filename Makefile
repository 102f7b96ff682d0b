help:
	@echo
