"""Birth registration: GBK files over SFTP, one row per file, replies as files."""
