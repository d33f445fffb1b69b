import Hummingbird
import StationCore

extension LocalAPIContext {
    /// A parameter of the path, decoded once; as it was written where that is not possible.
    func pathText(_ name: String) -> String {
        let text = self.parameters.get(name) ?? ""
        return PercentEncoding.decode(text.utf8, plusIsBlank: false) ?? text
    }

    /// The id that a parameter of the path is.
    ///
    /// - Parameter notFound: What is thrown for anything that cannot be an id: there is nothing of that name.
    func pathID<Entity>(
        _ name: String, of: Entity.Type, orElse notFound: (String) -> APIError
    ) throws(APIError) -> Identifier<Entity> {
        let text = self.pathText(name)
        guard let id = Identifier<Entity>(text) else { throw notFound(text) }
        return id
    }
}
