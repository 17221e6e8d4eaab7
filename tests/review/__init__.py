"""The review page in a real browser, and the SARIF report before the validator of its owner: `run` installs both."""
