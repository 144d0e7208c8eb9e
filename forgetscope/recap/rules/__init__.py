"""The formulas behind the weighting rules, one small file each; `make_rule` is the way in."""
