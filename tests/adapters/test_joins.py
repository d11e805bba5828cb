"""Causes cross our own connections by their addresses."""

from __future__ import annotations

from harness.adapters.joins import Joins

HERE, THERE = ("127.0.0.1", 40001), ("127.0.0.1", 40002)


def test_a_request_brings_the_cause_that_it_was_sent_with_once() -> None:
    joins = Joins()
    joins.request_sent(HERE, 7)
    assert joins.cause_of_request(HERE) == 7
    assert joins.cause_of_request(HERE) is None


def test_a_foreign_client_brings_no_cause() -> None:
    joins = Joins()
    joins.request_sent(HERE, 7)
    assert joins.cause_of_request(THERE) is None


def test_an_answer_of_ours_brings_its_own_cause_and_a_foreign_one_that_of_its_request() -> None:
    joins = Joins()
    joins.request_sent(HERE, 7)
    joins.answer_sent(HERE, 9)
    assert joins.cause_of_answer(HERE, 7) == 9
    assert joins.cause_of_answer(HERE, 7) == 7
    assert joins.cause_of_answer(None, 7) == 7


def test_an_answer_to_a_foreign_client_is_not_kept() -> None:
    joins = Joins()
    joins.answer_sent(THERE, 9)
    assert joins.cause_of_answer(THERE, 7) == 7


def test_an_address_that_is_used_again_by_somebody_else_brings_nothing() -> None:
    joins = Joins()
    joins.request_sent(HERE, 7)
    joins.cause_of_answer(HERE, 7)
    assert joins.cause_of_request(HERE) is None
    joins.answer_sent(HERE, 9)
    assert joins.cause_of_answer(HERE, 7) == 7


def test_a_new_request_on_a_kept_connection_forgets_the_answer_before() -> None:
    joins = Joins()
    joins.answer_sent(HERE, 9)
    joins.request_sent(HERE, 10)
    assert joins.cause_of_answer(HERE, 10) == 10


def test_pieces_of_a_stream_bring_their_causes_in_order() -> None:
    joins = Joins()
    follower = joins.follower()
    follower.connected(HERE)
    joins.piece_sent(HERE, 1)
    joins.piece_sent(THERE, 2)
    joins.piece_sent(HERE, None)
    joins.piece_sent(HERE, 3)
    assert [follower.next_cause() for _ in range(4)] == [1, None, 3, None]


def test_a_stream_that_begins_anew_leaves_the_old_causes_behind() -> None:
    joins = Joins()
    follower = joins.follower()
    assert follower.next_cause() is None
    follower.connected(HERE)
    joins.piece_sent(HERE, 1)
    follower.connected(THERE)
    joins.piece_sent(HERE, 2)
    joins.piece_sent(None, 3)
    joins.piece_sent(THERE, 4)
    assert follower.next_cause() == 4
