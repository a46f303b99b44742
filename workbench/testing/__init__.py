"""The public test kit: what a pretend department is made of, and contract tests for lines and adapters."""
