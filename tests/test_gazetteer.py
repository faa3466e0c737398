"""The shipped gazetteer: whole, sane, and where things really are."""

from __future__ import annotations

import re
from typing import get_args

from pipeline.mentions.fold import fold
from pipeline.mentions.place.gazetteer import load
from pipeline.records import PlaceType


def test_names_are_folded_and_lead_to_places():
    gazetteer = load()
    assert len(gazetteer.entries) > 40_000
    assert fold("\n".join(gazetteer.names)) == "\n".join(gazetteer.names)
    numbers = {index for indices in gazetteer.names.values() for index in indices}
    assert numbers == set(range(len(gazetteer.entries)))


def test_every_place_is_well_formed():
    types = set(get_args(PlaceType))
    sources = {attribution.source for attribution in load().attributions}
    for place in load().entries:
        assert place.place_type in types, place
        assert place.source in sources, place
        assert (place.latitude is None) == (place.longitude is None), place
        assert place.latitude is None or -90 <= place.latitude <= 90, place
        assert place.longitude is None or -180 <= place.longitude <= 180, place
        assert place.country_code is None or re.fullmatch("[A-Z]{2}", place.country_code), place


def test_blockers_hold_a_name_and_are_none():
    gazetteer = load()
    assert gazetteer.blockers
    assert not gazetteer.blockers & gazetteer.names.keys()
