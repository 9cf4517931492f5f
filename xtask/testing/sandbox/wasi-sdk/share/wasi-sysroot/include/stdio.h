int puts(const char *);
