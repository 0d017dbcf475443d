from infra.local.workspace import State, Workspace, write_atomically


def test_a_saved_state_is_loaded_as_it_was(workspace: Workspace) -> None:
    state = State(ports={"emulator": 4566}, outputs={"MediaBucketIs": "media"})

    workspace.save(state)

    assert workspace.load() == state


def test_a_change_keeps_what_it_does_not_name(workspace: Workspace) -> None:
    first = workspace.change(ports={"emulator": 4566})

    second = workspace.change(outputs={"a": "b"})

    assert second.ports == first.ports
    assert second.stripe_webhook_secret == first.stripe_webhook_secret


def test_an_unreadable_state_counts_as_none(workspace: Workspace) -> None:
    workspace.state_file.write_text('{"ports": {')

    assert workspace.load().ports == {}


def test_a_state_of_another_version_counts_as_none(workspace: Workspace) -> None:
    workspace.state_file.write_text('{"something": "else"}')

    assert workspace.load().ports == {}


def test_the_state_holds_a_secret_and_is_readable_by_its_owner_only(workspace: Workspace) -> None:
    workspace.save(State())

    assert workspace.state_file.stat().st_mode & 0o077 == 0


def test_a_write_that_replaces_leaves_no_draft_behind(workspace: Workspace) -> None:
    write_atomically(workspace.root / "note", "first")
    write_atomically(workspace.root / "note", "second")

    assert (workspace.root / "note").read_text() == "second"
    assert list(workspace.root.glob(".note*")) == []
