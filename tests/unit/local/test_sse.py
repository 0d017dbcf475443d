from infra.local.journey.sse import Event, parse


def test_events_are_read_in_their_order() -> None:
    text = 'retry: 1000\n\nid: 1\nevent: status\ndata: {"a": 1}\n\nid: 2\nevent: status\ndata: {}\n\n'

    assert list(parse(text)) == [Event("1", "status", '{"a": 1}'), Event("2", "status", "{}")]


def test_comments_and_fields_without_data_are_no_events() -> None:
    assert list(parse(": heartbeat\n\nretry: 1000\n\nid: 4\n\n")) == []


def test_an_event_without_an_id_keeps_the_last_one() -> None:
    assert [event.id for event in parse("id: 7\ndata: a\n\ndata: b\n\n")] == ["7", "7"]


def test_an_event_that_was_cut_off_is_not_taken() -> None:
    assert [event.data for event in parse("data: whole\n\nid: 9\ndata: cut")] == ["whole"]


def test_data_over_several_lines_is_joined_and_other_line_ends_are_known() -> None:
    assert list(parse("data: a\r\ndata:b\r\n\r\n")) == [Event("", "message", "a\nb")]
