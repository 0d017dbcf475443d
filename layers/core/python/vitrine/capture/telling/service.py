"""What other modules do with changes, under the store's own names: they know this module, never the store."""

from vitrine.capture.telling import store

put = store.put
change_from_image = store.change_from_image
