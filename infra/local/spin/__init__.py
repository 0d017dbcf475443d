"""`vitrine demo --spin`: photos all around a drawn car, four of them spoilt, through the deployed stack and its QC."""
