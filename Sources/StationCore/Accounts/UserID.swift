/// What a user's ids identify.
public enum User {}

public typealias UserID = Identifier<User>
