"""Pictures of the network: the interactive page and the charts."""
