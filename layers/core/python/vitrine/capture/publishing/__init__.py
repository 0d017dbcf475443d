"""What of a set becomes public: frames without plates and metadata, the package with its manifest, other viewers'
files; and the job that makes them."""
