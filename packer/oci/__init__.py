"""The OCI image specification's nouns: values and streams, without disk or network."""
