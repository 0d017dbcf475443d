"""How often people overrule a check: counted over the last sets of a site and of the organisation."""
